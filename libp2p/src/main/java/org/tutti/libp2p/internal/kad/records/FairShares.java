package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Which keys have to go when a store is full: of the network prefix that has most, of its peer
/// that has most, the one that was put least recently. So whoever fills a store loses what they
/// filled it with, and a peer in a prefix of its own keeps what it put as long as the others'
/// prefixes have more.
///
/// A peer counts once in each prefix that it comes from.
final class FairShares<K> {
    private final Bound total;
    private final Bound perPrefix;
    private final Bound perPeer;

    private final Map<String, Prefix<K>> prefixes = new HashMap<>();
    private final TreeSet<Prefix<K>> byUse =
            new TreeSet<>(
                    Comparator.comparingLong((Prefix<K> p) -> p.bytes).thenComparing(p -> p.name));
    private final Map<K, Item<K>> items = new HashMap<>();
    private long bytes;

    private record Item<K>(String prefix, Bytes peer, long bytes) {}

    private static final class Peer<K> {
        final Bytes id;

        /// In the order in which they were put.
        final LinkedHashMap<K, Long> sizes = new LinkedHashMap<>();

        long bytes;

        Peer(Bytes id) {
            this.id = id;
        }
    }

    private static final class Prefix<K> {
        final String name;
        final Map<Bytes, Peer<K>> peers = new HashMap<>();
        final TreeSet<Peer<K>> byUse =
                new TreeSet<>(
                        Comparator.comparingLong((Peer<K> p) -> p.bytes).thenComparing(p -> p.id));
        int entries;
        long bytes;

        Prefix(String name) {
            this.name = name;
        }
    }

    FairShares(Bound total, Bound perPrefix, Bound perPeer) {
        this.total = total;
        this.perPrefix = perPrefix;
        this.perPeer = perPeer;
    }

    int size() {
        return items.size();
    }

    /// As they lie in memory.
    long bytes() {
        return bytes;
    }

    /// Puts a key, or puts it anew, at the end of its peer's.
    ///
    /// @return the keys that had to go; the new one may be among them
    List<K> put(K key, Source source, long size) {
        remove(key);
        change(key, new Item<>(source.prefix(), source.peer().multihash(), size), true);
        List<K> gone = new ArrayList<>();
        Prefix<K> prefix = prefixes.get(source.prefix());
        Peer<K> peer = prefix == null ? null : prefix.peers.get(source.peer().multihash());
        while (peer != null && !perPeer.holds(peer.sizes.size(), peer.bytes)) {
            gone.add(evict(peer));
        }
        while (prefix != null && !perPrefix.holds(prefix.entries, prefix.bytes)) {
            gone.add(evict(prefix.byUse.last()));
        }
        while (!total.holds(items.size(), bytes)) {
            gone.add(evict(byUse.last().byUse.last()));
        }
        return gone;
    }

    private K evict(Peer<K> peer) {
        Iterator<K> oldest = peer.sizes.keySet().iterator();
        K key = oldest.next();
        remove(key);
        return key;
    }

    void remove(K key) {
        @Nullable Item<K> item = items.get(key);
        if (item != null) {
            change(key, item, false);
        }
    }

    /// Both orders are by what is changed, so who is changed is out of them meanwhile.
    private void change(K key, Item<K> item, boolean added) {
        Prefix<K> prefix = prefixes.computeIfAbsent(item.prefix, Prefix::new);
        Peer<K> peer = prefix.peers.computeIfAbsent(item.peer, Peer::new);
        byUse.remove(prefix);
        prefix.byUse.remove(peer);
        int sign = added ? 1 : -1;
        if (added) {
            items.put(key, item);
            peer.sizes.put(key, item.bytes);
        } else {
            items.remove(key);
            peer.sizes.remove(key);
        }
        bytes += sign * item.bytes;
        prefix.entries += sign;
        prefix.bytes += sign * item.bytes;
        peer.bytes += sign * item.bytes;
        if (peer.sizes.isEmpty()) {
            prefix.peers.remove(item.peer);
        } else {
            prefix.byUse.add(peer);
        }
        if (prefix.entries == 0) {
            prefixes.remove(item.prefix);
        } else {
            byUse.add(prefix);
        }
    }
}
