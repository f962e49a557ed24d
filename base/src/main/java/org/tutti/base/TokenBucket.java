package org.tutti.base;

/// How often something may happen: a burst at once, then a rate. Counts in whole billionths of a
/// token, so that nothing is lost to rounding.
///
/// Not safe for threads: its owner keeps it under a lock or on one thread.
public final class TokenBucket {
    private static final long SECOND = 1_000_000_000L;

    private final long capacity;
    private final long perSecond;
    private long nanoTokens;
    private long filledAt;

    /// @param capacity tokens there at the start and saved up at most, 1 to 1,000,000,000
    /// @param perSecond tokens that come back in a second, 1 to 1,000,000,000
    /// @param now nanoseconds since some fixed moment
    public TokenBucket(int capacity, int perSecond, long now) {
        if (capacity < 1 || capacity > SECOND || perSecond < 1 || perSecond > SECOND) {
            throw new IllegalArgumentException(
                    "capacity " + capacity + ", per second " + perSecond);
        }
        this.capacity = capacity;
        this.perSecond = perSecond;
        this.nanoTokens = capacity * SECOND;
        this.filledAt = now;
    }

    /// Takes one token.
    ///
    /// @return false if there is none: nothing is taken then
    public boolean take(long now) {
        return take(1, now);
    }

    /// Takes some tokens, all or none.
    ///
    /// @param tokens not negative
    /// @return false if there are not so many: nothing is taken then
    public boolean take(int tokens, long now) {
        fill(now);
        long cost = tokens * SECOND;
        if (nanoTokens < cost) {
            return false;
        }
        nanoTokens -= cost;
        return true;
    }

    /// A clock that went back fills nothing.
    private void fill(long now) {
        long elapsed = now - filledAt;
        if (elapsed <= 0) {
            return;
        }
        filledAt = now;
        long missing = capacity * SECOND - nanoTokens;
        // Compared by division: the product of a long silence and the rate may not fit a long.
        nanoTokens += elapsed > missing / perSecond ? missing : elapsed * perSecond;
    }
}
