package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Peers whose connections are not closed to make room for others. Each protection has a tag, so
/// that one protocol does not end another's. Safe for all threads.
public final class Protections {
    private final ConcurrentMap<PeerId, Set<String>> tags = new ConcurrentHashMap<>();

    /// Protects a peer until the same tag is taken away.
    public void protect(PeerId peer, String tag) {
        tags.compute(
                peer,
                (_, old) -> {
                    Set<String> all = old == null ? ConcurrentHashMap.newKeySet() : old;
                    all.add(tag);
                    return all;
                });
    }

    /// @return whether the peer is still protected, by another tag
    public boolean unprotect(PeerId peer, String tag) {
        return tags.computeIfPresent(
                        peer,
                        (_, all) -> {
                            all.remove(tag);
                            return all.isEmpty() ? null : all;
                        })
                != null;
    }

    public boolean isProtected(PeerId peer) {
        return tags.containsKey(peer);
    }
}
