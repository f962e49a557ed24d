package org.tutti.coordinator.message;

/// Amounts in satoshis.
///
/// @param min the least
/// @param max the most; 0 is no bound
public record AmountRange(long min, long max) {
    public static final AmountRange ANY = new AmountRange(0, 0);

    /// All satoshis there will ever be: 21 million bitcoins.
    public static final long MAX_AMOUNT = 2_100_000_000_000_000L;

    public AmountRange {
        if (min < 0 || max < 0 || min > MAX_AMOUNT || max > MAX_AMOUNT || (max > 0 && max < min)) {
            throw new IllegalArgumentException("amounts from " + min + " to " + max);
        }
    }

    /// Whether every amount of another range is within this one. A bound that the other does not
    /// have asks for nothing.
    public boolean covers(AmountRange other) {
        return contains(other.min) && contains(other.max);
    }

    private boolean contains(long amount) {
        return amount == 0 || (amount >= min && (max == 0 || amount <= max));
    }
}
