package org.tutti.libp2p.internal.peerstore;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.peerstore.PeerRecord;
import org.tutti.libp2p.peerstore.StoredPeer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What is known of peers: where they listen, and what they said about themselves. What was learnt
/// has a time to live; what this host's own program says has none.
///
/// Addresses that a peer certified by signing a record (go's `CertifiedAddrBook`) are kept apart
/// from others and come before them. A newer record takes the place of an older one and of all that
/// was learnt without a signature; an older one is ignored.
///
/// Bounded by peers, by addresses and bytes of each, and by bytes in all: the peer that was looked
/// at least recently is forgotten first. Safe for all threads; the lock guards `peers` and `bytes`.
public final class PeerStore {
    private static final System.Logger LOG = System.getLogger(PeerStore.class.getName());

    /// Addresses remembered for one peer, those it named itself and those we were given together.
    public static final int MAX_ADDRESSES = 32;

    /// How long what was learnt is remembered after it was last heard.
    public static final Duration LEARNT = Duration.ofDays(1);

    /// What one peer may take, as it lies in memory or about so; more addresses are not taken, and
    /// of what it says about itself only names and addresses.
    static final int MAX_PEER_BYTES = 64 << 10;

    /// The longest record that is kept, with its envelope, as in go.
    static final int MAX_RECORD_BYTES = 8 << 10;

    /// What all may take, on average for each peer that there is room for.
    static final int AVERAGE_PEER_BYTES = 8 << 10;

    /// An address or a text with the objects around it, beside its bytes.
    private static final int OVERHEAD = 100;

    /// What one peer costs before anything is known of it.
    private static final int PEER_OVERHEAD = 300;

    /// A peer record that was verified.
    ///
    /// @param addresses of it, as many as are kept
    /// @param end when it is forgotten
    private record Certified(
            SignedEnvelope envelope, long seq, List<Multiaddr> addresses, long end) {}

    /// @param given address by the time at which it is forgotten, the newest last
    /// @param infoEnd when what the peer said is forgotten
    private record Known(
            Map<Multiaddr, Long> given,
            Optional<Certified> certified,
            Optional<PeerInfo> info,
            long infoEnd) {
        static final Known EMPTY = new Known(Map.of(), Optional.empty(), Optional.empty(), 0);

        Known withGiven(Map<Multiaddr, Long> other) {
            return new Known(other, certified, info, infoEnd);
        }

        Known withInfo(PeerInfo other, long end) {
            return new Known(given, certified, Optional.of(other), end);
        }

        int bytes() {
            int sum = PEER_OVERHEAD;
            for (Multiaddr address : given.keySet()) {
                sum += cost(address);
            }
            return sum
                    + info.map(PeerStore::cost).orElse(0)
                    + certified.map(PeerStore::cost).orElse(0);
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

    private static int cost(Certified certified) {
        SignedEnvelope envelope = certified.envelope;
        // With its key, in both forms.
        int sum = 4 * OVERHEAD + 2 * envelope.key().toProtobuf().length();
        sum += envelope.payload().length() + envelope.signature().length();
        for (Multiaddr address : certified.addresses) {
            sum += cost(address);
        }
        return sum;
    }

    private final int maxPeers;
    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final LinkedHashMap<PeerId, Known> peers = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long changes;

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
        boolean recordEnded = known.certified.isPresent() && isOver(known.certified.get().end, now);
        if (!infoEnded && !givenEnded && !recordEnded) {
            return known;
        }
        Map<Multiaddr, Long> left = new LinkedHashMap<>(known.given);
        left.values().removeIf(end -> isOver(end, now));
        Known fresh =
                new Known(
                        left,
                        recordEnded ? Optional.empty() : known.certified,
                        infoEnded ? Optional.empty() : known.info,
                        known.infoEnd);
        if (fresh.given.isEmpty() && fresh.certified.isEmpty() && fresh.info.isEmpty()) {
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
        changes++;
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
        Known fresh = before.withGiven(given);
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

    /// Remembers the addresses in a peer record that the peer signed, in place of an older one and
    /// of what was learnt without a signature.
    ///
    /// @return false if a newer record is known, or this one is too long
    /// @throws EnvelopeException if it is no peer record, or not signed by the peer that it names
    public boolean certify(SignedEnvelope envelope, Duration ttl) throws EnvelopeException {
        long end = nanoTime.getAsLong() + ttl.toNanos();
        PeerId peer = envelope.signer();
        if (heardAgain(peer, envelope, end)) {
            return true;
        }
        // Outside the lock: some signatures take a millisecond.
        PeerRecord record = PeerRecord.open(envelope);
        return envelope.encode().length() <= MAX_RECORD_BYTES
                && certify(
                        peer,
                        new Certified(envelope, record.seq(), tidy(peer, record.addresses()), end));
    }

    /// The same record comes with every new connection, and is not verified again.
    private synchronized boolean heardAgain(PeerId peer, SignedEnvelope envelope, long end) {
        Known before = known(peer);
        if (before.certified.isEmpty() || !before.certified.get().envelope.equals(envelope)) {
            return false;
        }
        Certified same = before.certified.get();
        Certified again = new Certified(envelope, same.seq, same.addresses, later(same.end, end));
        put(peer, new Known(before.given, Optional.of(again), before.info, before.infoEnd));
        return true;
    }

    private synchronized boolean certify(PeerId peer, Certified fresh) {
        Known before = known(peer);
        // RFC/0003-routing-records.md: "peers MUST ignore records with a lower seq than the one
        // they have". Unsigned: go counts nanoseconds.
        if (before.certified.isPresent()
                && Long.compareUnsigned(fresh.seq, before.certified.get().seq) < 0) {
            return false;
        }
        Map<Multiaddr, Long> byProgram = new LinkedHashMap<>(before.given);
        byProgram.values().removeIf(end -> end != Timeouts.FOREVER);
        put(peer, fit(new Known(byProgram, Optional.of(fresh), before.info, before.infoEnd)));
        return true;
    }

    /// The newest record that the peer signed.
    public synchronized Optional<SignedEnvelope> record(PeerId peer) {
        return known(peer).certified.map(Certified::envelope);
    }

    /// The addresses in that record.
    public synchronized Optional<List<Multiaddr>> certifiedAddresses(PeerId peer) {
        return known(peer).certified.map(Certified::addresses);
    }

    /// As many addresses as are kept, without `/p2p`, without those that lead to another peer.
    public static List<Multiaddr> tidy(PeerId peer, List<Multiaddr> addresses) {
        return addresses.stream()
                .filter(a -> a.peerId().map(peer::equals).orElse(true))
                .map(Multiaddr::withoutPeerId)
                .filter(a -> !a.isEmpty())
                .distinct()
                .limit(MAX_ADDRESSES)
                .toList();
    }

    /// Remembers what a peer said about itself, in place of what it said before.
    public synchronized void identified(PeerInfo info) {
        Known before = known(info.peer());
        long end = nanoTime.getAsLong() + LEARNT.toNanos();
        put(info.peer(), fit(before.withInfo(info, end)));
    }

    /// Leaves out what matters least until the rest has its bounds: most of what the peer said
    /// about itself, then the addresses that were given first.
    private static Known fit(Known known) {
        Known fitted = known;
        if (fitted.bytes() > MAX_PEER_BYTES && fitted.info.isPresent()) {
            fitted = fitted.withInfo(brief(fitted.info.get()), fitted.infoEnd);
        }
        while (fitted.bytes() > MAX_PEER_BYTES && !fitted.given.isEmpty()) {
            Map<Multiaddr, Long> fewer = new LinkedHashMap<>(fitted.given);
            fewer.remove(fewer.keySet().iterator().next());
            fitted = fitted.withGiven(fewer);
        }
        return fitted;
    }

    /// Who it is, and where, without the rest.
    private static PeerInfo brief(PeerInfo info) {
        List<Multiaddr> addresses = new ArrayList<>();
        int room = MAX_PEER_BYTES / 4;
        for (Multiaddr address : info.listenAddresses()) {
            room -= cost(address);
            if (room < 0 || addresses.size() == MAX_ADDRESSES) {
                break;
            }
            addresses.add(address);
        }
        return new PeerInfo(
                info.peer(),
                info.protocolVersion(),
                info.agentVersion(),
                List.of(),
                addresses,
                Optional.empty(),
                info.certifiedAddresses());
    }

    /// Where to dial a peer: addresses that we were given, newest first, then those that it named;
    /// of a peer that certified addresses, these come before what was learnt otherwise.
    public synchronized List<Multiaddr> addresses(PeerId peer) {
        Known entry = known(peer);
        List<Multiaddr> first = new ArrayList<>();
        List<Multiaddr> last = new ArrayList<>();
        entry.given.forEach((address, end) -> {
            boolean trusted = end == Timeouts.FOREVER || entry.certified.isEmpty();
            (trusted ? first : last).addFirst(address);
        });
        List<Multiaddr> all = new ArrayList<>(first);
        entry.certified.ifPresentOrElse(
                c -> all.addAll(c.addresses),
                () -> entry.info.ifPresent(i -> all.addAll(i.listenAddresses())));
        all.addAll(last);
        return all.stream().distinct().limit(MAX_ADDRESSES).toList();
    }

    /// What a peer last said about itself.
    public synchronized Optional<PeerInfo> info(PeerId peer) {
        return known(peer).info;
    }

    /// What was learnt and is worth keeping, the peer used least recently first.
    ///
    /// @param now the time of day
    public synchronized List<StoredPeer> stored(Instant now) {
        long nanos = nanoTime.getAsLong();
        List<StoredPeer> all = new ArrayList<>();
        peers.forEach((peer, known) -> {
            List<StoredPeer.Address> addresses = new ArrayList<>();
            known.given.forEach((address, end) -> {
                if (end != Timeouts.FOREVER && !isOver(end, nanos)) {
                    addresses.add(new StoredPeer.Address(address, now.plusNanos(end - nanos)));
                }
            });
            Optional<StoredPeer.Signed> record =
                    known.certified
                            .filter(c -> !isOver(c.end, nanos))
                            .map(c ->
                                    new StoredPeer.Signed(
                                            c.envelope, now.plusNanos(c.end - nanos)));
            if (record.isEmpty() && known.info.isPresent()) {
                // What it named without a signature is as good as learnt.
                Instant end = now.plusNanos(known.infoEnd - nanos);
                known.info
                        .get()
                        .listenAddresses()
                        .forEach(a -> addresses.addFirst(new StoredPeer.Address(a, end)));
            }
            if (!addresses.isEmpty() || record.isPresent()) {
                all.add(new StoredPeer(peer, addresses, record));
            }
        });
        return all;
    }

    /// Takes what was stored by an earlier run: nothing lives longer for it than it would have, nor
    /// longer than what is learnt now, however the clock was set meanwhile.
    ///
    /// @param now the time of day
    public void restore(List<StoredPeer> stored, Instant now) {
        for (StoredPeer peer : stored) {
            peer.record().ifPresent(r -> restore(peer.peer(), r, now));
            for (StoredPeer.Address address : peer.addresses()) {
                left(address.until(), now)
                        .ifPresent(ttl -> addAddress(peer.peer(), address.address(), ttl));
            }
        }
    }

    private void restore(PeerId peer, StoredPeer.Signed record, Instant now) {
        Optional<Duration> ttl = left(record.until(), now);
        if (ttl.isEmpty() || !record.envelope().signer().equals(peer)) {
            return;
        }
        try {
            certify(record.envelope(), ttl.get());
        } catch (EnvelopeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the stored record of {0} is left out: {1}",
                    peer,
                    e.getMessage());
        }
    }

    private static Optional<Duration> left(Instant until, Instant now) {
        Duration left = Duration.between(now, until);
        return left.isNegative() || left.isZero()
                ? Optional.empty()
                : Optional.of(left.compareTo(LEARNT) < 0 ? left : LEARNT);
    }

    /// A number that rises with every change.
    synchronized long changes() {
        return changes;
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
