package org.tutti.bitcoin.units;

/// The weight of a transaction or block (BIP141): three times its size without witness plus its
/// whole size.
///
/// @param units weight units, not negative
public record Weight(long units) implements Comparable<Weight> {
    /// The most that a block may weigh (`MAX_BLOCK_WEIGHT`).
    public static final Weight MAX_BLOCK = new Weight(4_000_000);

    /// The most that nodes relay in one transaction (`MAX_STANDARD_TX_WEIGHT`).
    public static final Weight MAX_STANDARD_TRANSACTION = new Weight(400_000);

    /// @throws IllegalArgumentException if negative
    public Weight {
        if (units < 0) {
            throw new IllegalArgumentException("weight " + units + " is negative");
        }
    }

    /// From the size without witness data and the whole size, in bytes.
    public static Weight of(long baseSize, long totalSize) {
        return new Weight(baseSize * 3 + totalSize);
    }

    /// Virtual bytes: a quarter of the weight, rounded up.
    public long virtualBytes() {
        return (units + 3) / 4;
    }

    public Weight plus(Weight other) {
        return new Weight(units + other.units);
    }

    public boolean isMoreThan(Weight other) {
        return units > other.units;
    }

    @Override
    public int compareTo(Weight other) {
        return Long.compare(units, other.units);
    }

    @Override
    public String toString() {
        return units + " WU";
    }
}
