package org.tutti.libp2p.internal.peerstore;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// What is known of peers: where they listen, and what they said about themselves. What was learnt
/// has a time to live; what this host's own program says has none.
///
/// Bounded by peers, by addresses and bytes of each, and by bytes in all: the peer that was looked
/// at least recently is forgotten first. Safe for all threads; the lock guards `peers` and `bytes`.
public final class PeerStore {
    /// Addresses remembered for one peer, those it named itself and those we were given together.
    public static final int MAX_ADDRESSES = 32;

    /// How long what was learnt is remembered after it was last heard.
    public static final Duration LEARNT = Duration.ofDays(1);

    /// What one peer may take, as it lies in memory or about so; more addresses are not taken, and
    /// of what it says about itself only names and addresses.
    static final int MAX_PEER_BYTES = 64 << 10;

    /// What all may take, on average for each peer that there is room for.
    static final int AVERAGE_PEER_BYTES = 8 << 10;

    /// An address or a text with the objects around it, beside its bytes.
    private static final int OVERHEAD = 100;

    /// What one peer costs before anything is known of it.
    private static final int PEER_OVERHEAD = 300;

    /// @param given address by the time at which it is forgotten, the newest last
    /// @param infoEnd when what the peer said is forgotten
    private record Known(Map<Multiaddr, Long> given, Optional<PeerInfo> info, long infoEnd) {
        static final Known EMPTY = new Known(Map.of(), Optional.empty(), 0);

        int bytes() {
            int sum = PEER_OVERHEAD;
            for (Multiaddr address : given.keySet()) {
                sum += cost(address);
            }
            return sum + info.map(PeerStore::cost).orElse(0);
        }
    }

    private static int cost(Multiaddr address) {
        // Its bytes, and once more as components.
        return OVERHEAD + 2 * address.toBytes().length;
    }

    private static int cost(PeerInfo info) {
        int sum =
                info.protocolVersion().length()
                        + info.agentVersion().length()
                        + info.observedAddress().map(PeerStore::cost).orElse(0);
        for (String protocol : info.protocols()) {
            sum += OVERHEAD + protocol.length();
        }
        for (Multiaddr address : info.listenAddresses()) {
            sum += cost(address);
        }
        return sum;
    }

    private final int maxPeers;
    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final LinkedHashMap<PeerId, Known> peers = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /// @param maxPeers how many peers are remembered
    /// @param nanoTime never goes back
    public PeerStore(int maxPeers, LongSupplier nanoTime) {
        this.maxPeers = maxPeers;
        this.maxBytes = (long) maxPeers * AVERAGE_PEER_BYTES;
        this.nanoTime = nanoTime;
    }

    /// What is known of a peer and has not ended.
    private Known known(PeerId peer) {
        Known known = peers.get(peer);
        if (known == null) {
            return Known.EMPTY;
        }
        long now = nanoTime.getAsLong();
        boolean infoEnded = known.info.isPresent() && now - known.infoEnd >= 0;
        boolean givenEnded = known.given.values().stream().anyMatch(end -> isOver(end, now));
        if (!infoEnded && !givenEnded) {
            return known;
        }
        Map<Multiaddr, Long> left = new LinkedHashMap<>(known.given);
        left.values().removeIf(end -> isOver(end, now));
        Known fresh = new Known(left, infoEnded ? Optional.empty() : known.info, known.infoEnd);
        if (fresh.given.isEmpty() && fresh.info.isEmpty()) {
            forget(peer);
            return Known.EMPTY;
        }
        put(peer, fresh);
        return fresh;
    }

    private static boolean isOver(long end, long now) {
        return end != Timeouts.FOREVER && now - end >= 0;
    }

    private void forget(PeerId peer) {
        @Nullable Known before = peers.remove(peer);
        bytes -= before == null ? 0 : before.bytes();
    }

    private void put(PeerId peer, Known known) {
        forget(peer);
        peers.put(peer, known);
        bytes += known.bytes();
        Iterator<Map.Entry<PeerId, Known>> leastRecent = peers.entrySet().iterator();
        while (peers.size() > maxPeers || (bytes > maxBytes && peers.size() > 1)) {
            bytes -= leastRecent.next().getValue().bytes();
            leastRecent.remove();
        }
    }

    /// Remembers an address that this host's program gave for a peer, the newest first, for as long
    /// as there is room.
    public void addAddress(PeerId peer, Multiaddr address) {
        add(peer, address, Timeouts.FOREVER);
    }

    /// Remembers an address that was learnt of a peer. One that is known already lives the longer
    /// of both times.
    public void addAddress(PeerId peer, Multiaddr address, Duration ttl) {
        add(peer, address, nanoTime.getAsLong() + ttl.toNanos());
    }

    private synchronized void add(PeerId peer, Multiaddr address, long end) {
        Multiaddr bare = address.withoutPeerId();
        Known before = known(peer);
        Map<Multiaddr, Long> given = new LinkedHashMap<>(before.given);
        Long old = given.remove(bare);
        given.put(bare, old == null ? end : later(old, end));
        Known fresh = new Known(given, before.info, before.infoEnd);
        while (given.size() > 1
                && (given.size() > MAX_ADDRESSES || fresh.bytes() > MAX_PEER_BYTES)) {
            given.remove(given.keySet().iterator().next());
        }
        put(peer, fresh);
    }

    private static long later(long one, long other) {
        if (one == Timeouts.FOREVER || other == Timeouts.FOREVER) {
            return Timeouts.FOREVER;
        }
        return one - other >= 0 ? one : other;
    }

    /// Remembers what a peer said about itself, in place of what it said before.
    public synchronized void identified(PeerInfo info) {
        Known before = known(info.peer());
        long end = nanoTime.getAsLong() + LEARNT.toNanos();
        Known known = new Known(before.given, Optional.of(info), end);
        boolean fits = known.bytes() <= MAX_PEER_BYTES;
        put(info.peer(), fits ? known : new Known(before.given, Optional.of(brief(info)), end));
    }

    /// Who it is, and where, without the rest.
    private static PeerInfo brief(PeerInfo info) {
        return new PeerInfo(
                info.peer(),
                info.protocolVersion(),
                info.agentVersion(),
                List.of(),
                info.listenAddresses().stream().limit(MAX_ADDRESSES).toList(),
                Optional.empty(),
                info.certifiedAddresses());
    }

    /// Where to dial a peer: addresses that we were given, newest first, then those that it named.
    public synchronized List<Multiaddr> addresses(PeerId peer) {
        Known entry = known(peer);
        List<Multiaddr> all = new ArrayList<>(entry.given.keySet()).reversed();
        List<Multiaddr> named = entry.info.map(PeerInfo::listenAddresses).orElse(List.of());
        return Stream.concat(all.stream(), named.stream()).distinct().limit(MAX_ADDRESSES).toList();
    }

    /// What a peer last said about itself.
    public synchronized Optional<PeerInfo> info(PeerId peer) {
        return known(peer).info;
    }

    /// How many peers are remembered.
    public synchronized int size() {
        return peers.size();
    }

    /// About how many bytes are remembered.
    synchronized long bytes() {
        return bytes;
    }
}
