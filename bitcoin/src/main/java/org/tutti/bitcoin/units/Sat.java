package org.tutti.bitcoin.units;

/// An amount of money in satoshis, between nothing and 21 million bitcoin.
///
/// @param value satoshis, 0 to [#MAX_VALUE]
public record Sat(long value) implements Comparable<Sat> {
    /// All the money there can be: 21,000,000 bitcoin of 100,000,000 satoshis (`MAX_MONEY`).
    public static final long MAX_VALUE = 2_100_000_000_000_000L;

    /// Nothing.
    public static final Sat ZERO = new Sat(0);

    /// All there can be.
    public static final Sat MAX = new Sat(MAX_VALUE);

    /// @throws IllegalArgumentException if the amount is negative or above [#MAX_VALUE]
    public Sat {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not an amount of satoshis: " + value);
        }
    }

    public static Sat of(long value) {
        return new Sat(value);
    }

    /// Whether `value` satoshis can exist.
    public static boolean isValid(long value) {
        return value >= 0 && value <= MAX_VALUE;
    }

    /// @throws IllegalArgumentException if the sum is above [#MAX_VALUE]; no sum of two amounts
    ///   overflows a `long`
    public Sat plus(Sat other) {
        return new Sat(value + other.value);
    }

    /// @throws IllegalArgumentException if `other` is the larger one
    public Sat minus(Sat other) {
        return new Sat(value - other.value);
    }

    /// The sum of all.
    ///
    /// @throws IllegalArgumentException if it is above [#MAX_VALUE]
    public static Sat sum(Iterable<Sat> amounts) {
        Sat sum = ZERO;
        for (Sat amount : amounts) {
            sum = sum.plus(amount);
        }
        return sum;
    }

    public boolean isMoreThan(Sat other) {
        return value > other.value;
    }

    public boolean isLessThan(Sat other) {
        return value < other.value;
    }

    @Override
    public int compareTo(Sat other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value + " sat";
    }
}
