package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Peers whose connections are not closed to make room for others, and how much the connections of
/// the rest are worth. Each protection and value has a tag, so that one protocol does not end
/// another's. Safe for all threads.
public final class Protections {
    private final ConcurrentMap<PeerId, Set<String>> tags = new ConcurrentHashMap<>();
    private final ConcurrentMap<PeerId, Map<String, Integer>> values = new ConcurrentHashMap<>();

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

    /// Gives a peer a value, in place of the one that it has by the same tag.
    public void tag(PeerId peer, String tag, int value) {
        values.merge(peer, Map.of(tag, value), Protections::both);
    }

    private static Map<String, Integer> both(Map<String, Integer> old, Map<String, Integer> more) {
        Map<String, Integer> all = new HashMap<>(old);
        all.putAll(more);
        return Map.copyOf(all);
    }

    /// Takes a value away again.
    public void untag(PeerId peer, String tag) {
        values.computeIfPresent(
                peer,
                (_, old) -> {
                    Map<String, Integer> rest = new HashMap<>(old);
                    rest.remove(tag);
                    return rest.isEmpty() ? null : Map.copyOf(rest);
                });
    }

    /// The sum of a peer's values.
    public long value(PeerId peer) {
        return values.getOrDefault(peer, Map.of()).values().stream()
                .mapToLong(Integer::longValue)
                .sum();
    }

    public boolean isProtected(PeerId peer) {
        return tags.containsKey(peer);
    }
}
