package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.Map;

/// Until when peers do not graft each other in a topic (gossipsub-v1.1.md, "PRUNE Backoff and Peer
/// Exchange").
final class Backoffs {
    /// The most entries of all topics; one more is not remembered, so that whoever makes peer ids
    /// gains nothing but a graft that is refused.
    static final int MAX_ENTRIES = 32_768;

    private final Map<String, Map<PeerId, Long>> until = new HashMap<>();
    private int size;

    /// Never shortens one that is there.
    void add(String topic, PeerId peer, long end) {
        Map<PeerId, Long> peers = until.get(topic);
        Long before = peers == null ? null : peers.get(peer);
        if (peers != null && before != null) {
            if (end - before > 0) {
                peers.put(peer, end);
            }
        } else if (size < MAX_ENTRIES) {
            until.computeIfAbsent(topic, _ -> new HashMap<>()).put(peer, end);
            size++;
        }
    }

    /// Whether it lasts at this time.
    boolean lasts(String topic, PeerId peer, long now) {
        return remaining(topic, peer, now) > 0;
    }

    /// How long it still lasts; not positive where it does not.
    long remaining(String topic, PeerId peer, long now) {
        Map<PeerId, Long> peers = until.get(topic);
        Long end = peers == null ? null : peers.get(peer);
        return end == null ? Long.MIN_VALUE : end - now;
    }

    /// Forgets those that ended before this time.
    void expire(long now) {
        until.values()
                .removeIf(peers -> {
                    peers.values()
                            .removeIf(end -> {
                                boolean over = end - now <= 0;
                                size -= over ? 1 : 0;
                                return over;
                            });
                    return peers.isEmpty();
                });
    }

    int size() {
        return size;
    }
}
