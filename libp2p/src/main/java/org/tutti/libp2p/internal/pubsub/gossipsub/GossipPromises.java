package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// What peers advertised, we asked for, and they have yet to send (gossipsub-v1.1.md, "Spam
/// Protection Measures": "In flight `IWANT` requests … are probabilistically tracked"). There are
/// as many as advertisements are looked at in the time to follow up.
final class GossipPromises {
    private final long followupNanos;
    private final Map<Bytes, Map<PeerId, Long>> promises = new HashMap<>();

    GossipPromises(long followupNanos) {
        this.followupNanos = followupNanos;
    }

    void add(PeerId peer, Bytes id, long now) {
        promises.computeIfAbsent(id, _ -> new HashMap<>(2)).putIfAbsent(peer, now + followupNanos);
    }

    /// The message came, "from any peer".
    void fulfilled(Bytes id) {
        promises.remove(id);
    }

    void left(PeerId peer) {
        promises.values().removeIf(peers -> peers.remove(peer) != null && peers.isEmpty());
    }

    /// How many promises each peer has broken since the last call.
    Map<PeerId, Integer> broken(long now) {
        Map<PeerId, Integer> broken = new HashMap<>();
        Iterator<Map<PeerId, Long>> all = promises.values().iterator();
        while (all.hasNext()) {
            Map<PeerId, Long> peers = all.next();
            peers.entrySet()
                    .removeIf(promise -> {
                        boolean late = now - promise.getValue() > 0;
                        if (late) {
                            broken.merge(promise.getKey(), 1, Integer::sum);
                        }
                        return late;
                    });
            if (peers.isEmpty()) {
                all.remove();
            }
        }
        return broken;
    }

    int size() {
        return promises.size();
    }
}
