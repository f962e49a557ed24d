package org.tutti.libp2p.requestresponse;

import org.tutti.libp2p.identity.PeerId;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Counts, for each peer, what is on its way. Safe for all threads; remembers nothing of a peer of
/// which nothing is.
final class PeerCount {
    private final ConcurrentMap<PeerId, Integer> counts = new ConcurrentHashMap<>();
    private final int max;

    PeerCount(int max) {
        this.max = max;
    }

    /// Counts one more.
    ///
    /// @return false if there are as many as may be; nothing is counted then
    boolean acquire(PeerId peer) {
        boolean[] taken = new boolean[1];
        counts.compute(
                peer,
                (_, count) -> {
                    int before = count == null ? 0 : count;
                    taken[0] = before < max;
                    return taken[0] ? before + 1 : before;
                });
        return taken[0];
    }

    void release(PeerId peer) {
        counts.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
}
