package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Headers whose parent is not known yet, the last batch of each peer. Owned by [HeaderChain].
final class UnconnectedHeaders {
    /// Most peers whose headers are held. The batch that has waited longest goes first.
    static final int MAX_PEERS = 32;

    private final Map<Long, UnconnectedBatch> byPeer = new LinkedHashMap<>();

    void hold(HeaderSource source, HeaderBatch batch) {
        Long peer = peer(source);
        if (peer == null) {
            return; // Our owner is told at once that something is missing.
        }
        byPeer.remove(peer);
        byPeer.put(peer, new UnconnectedBatch(source, batch));
        if (byPeer.size() > MAX_PEERS) {
            byPeer.remove(byPeer.keySet().iterator().next());
        }
    }

    private static @Nullable Long peer(HeaderSource source) {
        return switch (source) {
            case HeaderSource.SyncPeer(long peer) -> peer;
            case HeaderSource.OtherPeer(long peer) -> peer;
            case HeaderSource.Operator _ -> null;
        };
    }

    void forget(long peer) {
        byPeer.remove(peer);
    }

    /// Takes out headers whose parent is known now.
    Optional<UnconnectedBatch> take(Predicate<HeaderBatch> isConnected) {
        for (Iterator<UnconnectedBatch> it = byPeer.values().iterator(); it.hasNext(); ) {
            UnconnectedBatch held = it.next();
            if (isConnected.test(held.batch())) {
                it.remove();
                return Optional.of(held);
            }
        }
        return Optional.empty();
    }
}
