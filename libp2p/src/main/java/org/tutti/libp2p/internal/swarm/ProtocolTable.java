package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.StreamHandler;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The protocols that are answered. Safe for all threads.
final class ProtocolTable {
    /// A protocol and who answers it.
    record Entry(String id, int maxStreamsPerPeer, StreamHandler handler) {}

    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    /// Adds a protocol.
    ///
    /// @throws IllegalArgumentException if a handler for it is registered already
    void add(Entry entry) {
        if (entries.putIfAbsent(entry.id, entry) != null) {
            throw new IllegalArgumentException(entry.id + " has a handler already");
        }
    }

    void remove(String id) {
        entries.remove(id);
    }

    Optional<Entry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    Set<String> ids() {
        return entries.keySet();
    }

    /// In alphabetical order.
    List<String> sorted() {
        return entries.keySet().stream().sorted().toList();
    }
}
