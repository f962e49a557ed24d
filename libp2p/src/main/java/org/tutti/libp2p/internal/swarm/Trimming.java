package org.tutti.libp2p.internal.swarm;

import java.util.Comparator;
import java.util.List;

/// Which connections are closed when there are more than the high water mark, until there are as
/// many as the low one (as go-libp2p's connection manager does it). A pure function.
final class Trimming {
    /// A connection that may be closed, or not.
    ///
    /// @param isProtected never closed
    /// @param evictedFirst whether its class is worth less than others
    /// @param value of its peer: the sum of its tags
    /// @param idle whether it carries no stream
    /// @param openedAt nanoseconds
    record Candidate<C>(
            C connection,
            boolean isProtected,
            boolean evictedFirst,
            long value,
            boolean idle,
            long openedAt) {}

    private Trimming() {}

    /// @param all open connections
    /// @param graceNanos how long a new connection is left alone, so that it can show its value
    static <C> List<C> victims(List<Candidate<C>> all, int lowWater, long graceNanos, long now) {
        return all.stream()
                .filter(c -> !c.isProtected && now - c.openedAt >= graceNanos)
                .sorted(
                        Comparator.<Candidate<C>, Boolean>comparing(c -> !c.evictedFirst)
                                .thenComparingLong(Candidate::value)
                                .thenComparing(c -> !c.idle)
                                .thenComparingLong(Candidate::openedAt))
                .limit(Math.max(0, all.size() - lowWater))
                .map(Candidate::connection)
                .toList();
    }
}
