package org.tutti.bitcoin.units;

/// What a transaction pays for its weight.
///
/// @param satPerKiloVirtualByte satoshis for 1,000 virtual bytes, so that 0.5 sat/vB has an exact
///   form; 0 to [#MAX]
public record FeeRate(long satPerKiloVirtualByte) implements Comparable<FeeRate> {
    /// One bitcoin per virtual byte: above this a rate is a mistake, and products with a weight
    /// stay far from overflow.
    public static final long MAX = 100_000_000_000L;

    /// The least that nodes relay by default.
    public static final FeeRate MIN_RELAY = new FeeRate(1_000);

    /// @throws IllegalArgumentException if negative or above [#MAX]
    public FeeRate {
        if (satPerKiloVirtualByte < 0 || satPerKiloVirtualByte > MAX) {
            throw new IllegalArgumentException(
                    "not a fee rate: " + satPerKiloVirtualByte + " sat/kvB");
        }
    }

    public static FeeRate satPerVirtualByte(long rate) {
        return new FeeRate(Math.multiplyExact(rate, 1_000L));
    }

    /// The fee of something this heavy, rounded up: paying less than the rate is not an option.
    ///
    /// @throws IllegalArgumentException if it is more money than there can be
    public Sat feeFor(Weight weight) {
        long perKilo = Math.multiplyExact(satPerKiloVirtualByte, weight.virtualBytes());
        return new Sat(Math.ceilDiv(perKilo, 1_000L));
    }

    @Override
    public int compareTo(FeeRate other) {
        return Long.compare(satPerKiloVirtualByte, other.satPerKiloVirtualByte);
    }

    @Override
    public String toString() {
        return satPerKiloVirtualByte + " sat/kvB";
    }
}
