package org.tutti.libp2p.swarm;

/// A bound of ours is reached. Code `LIMIT_EXCEEDED`.
public final class LimitExceededException extends SwarmException {
    private final String limit;
    private final int bound;

    /// @param limit the component of `ResourceLimits` that was reached
    public LimitExceededException(String limit, int bound) {
        super("LIMIT_EXCEEDED", limit + " of " + bound + " is reached", null);
        this.limit = limit;
        this.bound = bound;
    }

    /// The name of the component of `ResourceLimits`.
    public String limit() {
        return limit;
    }

    public int bound() {
        return bound;
    }
}
