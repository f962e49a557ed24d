package org.tutti.libp2p.internal.peerstore;

import org.tutti.base.BoundedMap;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is known of peers: where they listen, and what they said about themselves. Bounded: the
/// peer that was looked at least recently is forgotten first. Safe for all threads; the lock guards
/// `peers`.
public final class PeerStore {
    /// Addresses remembered for one peer, those it named itself and those we were given together.
    public static final int MAX_ADDRESSES = 32;

    private record Known(List<Multiaddr> given, Optional<PeerInfo> info) {
        static final Known EMPTY = new Known(List.of(), Optional.empty());
    }

    private final BoundedMap<PeerId, Known> peers;

    /// @param maxPeers how many peers are remembered
    public PeerStore(int maxPeers) {
        this.peers = new BoundedMap<>(maxPeers);
    }

    private Known known(PeerId peer) {
        Known known = peers.get(peer);
        return known == null ? Known.EMPTY : known;
    }

    /// Remembers an address that we were given for a peer, the newest first.
    public synchronized void addAddress(PeerId peer, Multiaddr address) {
        Multiaddr bare = address.withoutPeerId();
        Known before = known(peer);
        if (!before.given.isEmpty() && before.given.getFirst().equals(bare)) {
            return;
        }
        List<Multiaddr> given = new ArrayList<>();
        given.add(bare);
        before.given.stream()
                .filter(a -> !a.equals(bare))
                .limit(MAX_ADDRESSES - 1)
                .forEach(given::add);
        peers.put(peer, new Known(List.copyOf(given), before.info));
    }

    /// Remembers what a peer said about itself, in place of what it said before.
    public synchronized void identified(PeerInfo info) {
        Known before = known(info.peer());
        peers.put(info.peer(), new Known(before.given, Optional.of(info)));
    }

    /// Where to dial a peer: addresses that we were given, newest first, then those that it named.
    public synchronized List<Multiaddr> addresses(PeerId peer) {
        Known entry = known(peer);
        List<Multiaddr> all = new ArrayList<>(entry.given);
        entry.info.ifPresent(i -> all.addAll(i.listenAddresses()));
        return all.stream().distinct().limit(MAX_ADDRESSES).toList();
    }

    /// What a peer last said about itself.
    public synchronized Optional<PeerInfo> info(PeerId peer) {
        return known(peer).info;
    }

    /// How many peers are remembered.
    public synchronized int size() {
        return peers.size();
    }
}
