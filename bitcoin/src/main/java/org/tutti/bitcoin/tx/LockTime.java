package org.tutti.bitcoin.tx;

/// When a transaction may be mined: from a height on, or from a time on (BIP65, BIP113).
///
/// @param value 0 to 2^32 - 1: below [#THRESHOLD] a height, from there on seconds since 1970
public record LockTime(long value) {
    /// The lowest value that is a time (Bitcoin Core `LOCKTIME_THRESHOLD`).
    public static final long THRESHOLD = 500_000_000L;

    /// At once.
    public static final LockTime NONE = new LockTime(0);

    /// @throws IllegalArgumentException if the value does not fit 32 bits
    public LockTime {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException("not a lock time: " + value);
        }
    }

    /// The lock time of this value; nearly all transactions share one object.
    ///
    /// @throws IllegalArgumentException if the value does not fit 32 bits
    public static LockTime of(long value) {
        return value == 0 ? NONE : new LockTime(value);
    }

    /// Whether the value is a height, the last one that may not have the transaction.
    public boolean isHeight() {
        return value < THRESHOLD;
    }

    /// Whether the value is a time, in seconds since 1970.
    public boolean isTime() {
        return value >= THRESHOLD;
    }

    /// Whether a block may have the transaction (Bitcoin Core `IsFinalTx`).
    ///
    /// @param height of the block
    /// @param medianTime of the eleven blocks before it, in seconds since 1970 (BIP113)
    public boolean isReached(int height, long medianTime) {
        return value < (isHeight() ? height : medianTime);
    }

    /// The number in decimal.
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
