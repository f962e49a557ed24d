package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Counts the inbound streams of each peer for each protocol. Safe for all threads.
final class StreamQuota {
    private record Key(PeerId peer, String protocol) {}

    private final ConcurrentMap<Key, Integer> open = new ConcurrentHashMap<>();

    /// Counts one more.
    ///
    /// @return false if there are `max` already; nothing is counted then
    boolean acquire(PeerId peer, String protocol, int max) {
        boolean[] taken = new boolean[1];
        open.compute(
                new Key(peer, protocol),
                (_, count) -> {
                    int before = count == null ? 0 : count;
                    taken[0] = before < max;
                    return taken[0] ? before + 1 : before;
                });
        return taken[0];
    }

    void release(PeerId peer, String protocol) {
        open.computeIfPresent(new Key(peer, protocol), (_, count) -> count == 1 ? null : count - 1);
    }
}
