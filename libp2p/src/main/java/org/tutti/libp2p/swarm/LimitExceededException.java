package org.tutti.libp2p.swarm;

/// A bound of ours is reached. Code `LIMIT_EXCEEDED`.
public final class LimitExceededException extends SwarmException {
    /// The name of the limit that the system sets on open files and sockets.
    public static final String DESCRIPTORS = "file descriptors";

    private final String limit;
    private final int bound;

    /// @param limit the component of `ResourceLimits` that was reached, or `DESCRIPTORS`
    public LimitExceededException(String limit, int bound) {
        super("LIMIT_EXCEEDED", limit + " of " + bound + " is reached", null);
        this.limit = limit;
        this.bound = bound;
    }

    /// The process may open no more files and sockets.
    public static LimitExceededException descriptors() {
        return new LimitExceededException(DESCRIPTORS, DescriptorLimit.get());
    }

    /// The name of the component of `ResourceLimits`, or `DESCRIPTORS`.
    public String limit() {
        return limit;
    }

    public int bound() {
        return bound;
    }
}
