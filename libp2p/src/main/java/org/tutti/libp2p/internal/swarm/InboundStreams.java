package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.ResourceLimits;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Counts the open streams that remotes opened: those of a peer, of a host, of a class and all,
/// also while their protocol is being agreed on. Safe for all threads.
final class InboundStreams {
    /// A bound, and what is counted for it.
    ///
    /// @param key what is counted together; a peer, a host, a class, or nothing more
    private record Bound(String limit, Object key, int max) {}

    private static final String ALL = "all";

    private final ResourceLimits limits;
    private final Map<Object, Integer> open = new HashMap<>();

    InboundStreams(ResourceLimits limits) {
        this.limits = limits;
    }

    /// A host's addresses are texts, as `ALL` is: they are told apart.
    private record Host(String address) {}

    private List<Bound> bounds(ConnectionTable.Owner owner) {
        PeerClass peerClass = owner.peerClass();
        return List.of(
                new Bound(
                        "maxInboundStreamsPerPeer",
                        owner.peer(),
                        limits.maxInboundStreamsPerPeer()),
                new Bound(
                        "maxInboundStreamsPerHost",
                        new Host(owner.host()),
                        limits.maxInboundStreamsPerHost()),
                new Bound(peerClass.name() + ".maxStreams", peerClass, peerClass.maxStreams()),
                new Bound("maxInboundStreams", ALL, limits.maxInboundStreams()));
    }

    /// Counts one more.
    ///
    /// @return the limit that it exceeds; nothing is counted then
    synchronized Optional<String> open(ConnectionTable.Owner owner) {
        List<Bound> bounds = bounds(owner);
        for (Bound bound : bounds) {
            if (open.getOrDefault(bound.key, 0) >= bound.max) {
                return Optional.of(bound.limit);
            }
        }
        bounds.forEach(bound -> open.merge(bound.key, 1, Integer::sum));
        return Optional.empty();
    }

    /// One that was counted has ended.
    synchronized void closed(ConnectionTable.Owner owner) {
        bounds(owner).forEach(bound -> open.computeIfPresent(bound.key, (_, n) -> less(n)));
    }

    private static @Nullable Integer less(int count) {
        return count == 1 ? null : (Integer) (count - 1);
    }

    /// All that are open.
    synchronized int total() {
        return open.getOrDefault(ALL, 0);
    }
}
