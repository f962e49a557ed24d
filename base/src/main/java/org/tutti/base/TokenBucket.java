package org.tutti.base;

/// How often something may happen: a burst at once, then a rate.
public final class TokenBucket {
    private static final long SECOND = 1_000_000_000L;

    private final int burst;
    private final int perSecond;
    private double tokens;
    private long filledAt;

    public TokenBucket(int burst, int perSecond, long now) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.tokens = burst;
        this.filledAt = now;
    }

    /// @return false if it happens too often
    public boolean take(long now) {
        tokens = Math.min(burst, tokens + (double) (now - filledAt) * perSecond / SECOND);
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
