package org.tutti.coordinator.internal.advert;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertEvent.Reason;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The adverts that a node knows, one of each key, and what it remembers of those that count no
/// longer. What is taken was verified. Owns no thread, clock or network; not safe for threads.
///
/// A key's adverts are taken in the order of their sequences: below the highest that was seen,
/// replaced, expired or taken back, nothing is taken until nothing below can count. Without room
/// strangers make room for strangers ([FairRoom]), and for those that this node knows.
public final class AdvertBook {
    /// What an advert takes in memory beside its envelope: key, header, texts, maps.
    private static final int OVERHEAD = 2_048;

    private final PublicKey self;
    private final Bytes network;
    private final AdvertLimits limits;
    private final Set<Bytes> vouchers; // x-only
    private final TreeMap<PublicKey, Entry> entries = new TreeMap<>();
    private final FairRoom strangers = new FairRoom();
    private final FairRoom trusted = new FairRoom();

    /// By key, the highest sequence that was seen of adverts that are gone.
    private final Map<PublicKey, Tombstone> tombstones = new HashMap<>();

    private final FairRoom tombstoneRoom = new FairRoom();
    private long bytes;
    private List<AdvertEvent> events = new ArrayList<>();

    /// @param verifiedUntil when the last vouch ends of a key that the operator named
    private record Entry(Advert advert, Via via, String origin, Instant verifiedUntil) {
        long bytes() {
            return AdvertBook.bytes(advert);
        }
    }

    /// @param until from then on nothing can count that it is against
    /// @param said a digest of the retirement that it is; none of an advert that ended otherwise
    private record Tombstone(long sequence, Instant until, Optional<Bytes> said) {}

    /// What became of an advert.
    public enum Taken {
        /// Its key was not known.
        DISCOVERED,
        /// It replaces another of its key.
        UPDATED,
        /// It is the one that is known.
        KNOWN,
        /// Its key has said something newer.
        OLD,
        /// Its author has too many.
        TOO_MANY
    }

    /// @param self whose adverts nobody else brings
    /// @param network 32 bytes that name the chain
    /// @param vouchers whose vouches count
    public AdvertBook(PublicKey self, Bytes network, AdvertLimits limits, Set<PublicKey> vouchers) {
        this.self = self;
        this.network = network;
        this.limits = limits;
        this.vouchers =
                vouchers.stream()
                        .map(key -> key.xOnly().bytes())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /// Of an advert in memory.
    private static long bytes(Advert advert) {
        return OVERHEAD + 3L * advert.envelope().length();
    }

    /// What has happened since the last time.
    public List<AdvertEvent> takeEvents() {
        List<AdvertEvent> taken = events;
        events = new ArrayList<>();
        return taken;
    }

    // --- what is said

    /// Whether an advert that nobody has verified yet would be taken: one that is old, or there,
    /// costs no signature.
    public Taken wouldTake(Advert advert) {
        PublicKey key = advert.header().key();
        Entry known = entries.get(key);
        if (known != null && known.advert.envelope().equals(advert.envelope())) {
            return Taken.KNOWN;
        }
        if (key.equals(self) || advert.header().sequence() <= highest(key)) {
            return Taken.OLD;
        }
        PeerId author = advert.header().author();
        if (known != null && known.advert.header().author().equals(author)) {
            return Taken.UPDATED;
        }
        if (!hasRoom(author, key)) {
            return Taken.TOO_MANY;
        }
        return known == null ? Taken.DISCOVERED : Taken.UPDATED;
    }

    /// The same of what takes adverts back.
    public boolean wouldTake(Retirement retirement) {
        PublicKey key = retirement.header().key();
        Tombstone known = tombstones.get(key);
        return !key.equals(self) && (known == null || known.sequence < retirement.advertSequence());
    }

    /// Whether it is the retirement that stands against the key's adverts, to the byte: another of
    /// the same sequence says nothing new, and a key could make any number of these.
    public boolean has(Retirement retirement) {
        Tombstone known = tombstones.get(retirement.header().key());
        return known != null && known.said.filter(digest(retirement)::equals).isPresent();
    }

    private static Bytes digest(Retirement retirement) {
        return TaggedHash.of("tutti/advert-retired", retirement.envelope());
    }

    private long highest(PublicKey key) {
        Entry known = entries.get(key);
        Tombstone gone = tombstones.get(key);
        return Math.max(
                known == null ? -1 : known.advert.header().sequence(),
                gone == null ? -1 : gone.sequence);
    }

    private boolean hasRoom(PeerId author, PublicKey key) {
        int keys = strangers.of(author) + trusted.of(author);
        return keys < limits.keysPerAuthor() && records(author, key) < limits.recordsPerAuthor();
    }

    private int records(PeerId author, PublicKey key) {
        return strangers.of(author)
                + trusted.of(author)
                + tombstoneRoom.of(author)
                - (tombstones.containsKey(key) ? 1 : 0);
    }

    /// A verified advert.
    ///
    /// @param origin where it came from, such as the network of the peer that handed it over
    /// @param contact whether this node has signed with its key
    public Taken take(Advert advert, Via via, String origin, boolean contact, Instant now) {
        Taken taken = wouldTake(advert);
        if (taken == Taken.DISCOVERED || taken == Taken.UPDATED) {
            Instant verified = verifiedUntil(advert);
            boolean known = contact || verified.isAfter(now);
            put(new Entry(advert, via, origin, verified), known);
            events.add(
                    taken == Taken.DISCOVERED
                            ? new AdvertEvent.SignerDiscovered(now, advert, via)
                            : new AdvertEvent.SignerUpdated(now, advert, via));
            makeRoom();
        }
        return taken;
    }

    private void put(Entry entry, boolean known) {
        PublicKey key = entry.advert.header().key();
        remove(key);
        entries.put(key, entry);
        bytes += entry.bytes();
        (known ? trusted : strangers).put(key, entry.origin, entry.advert.header().author());
    }

    private void remove(PublicKey key) {
        Entry before = entries.remove(key);
        if (before != null) {
            bytes -= before.bytes();
            strangers.remove(key);
            trusted.remove(key);
        }
    }

    private void makeRoom() {
        while (entries.size() > limits.adverts() || bytes > limits.bytes()) {
            remove(strangers.first().or(trusted::first).orElseThrow());
        }
    }

    private Instant verifiedUntil(Advert advert) {
        return advert.vouches().stream()
                .filter(vouch -> vouchers.contains(vouch.key().xOnly().bytes()))
                .filter(vouch -> vouch.isFor(network, advert.header().key()))
                .map(Vouch::notAfter)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    /// Whether a key vouches for an advert's that the operator named. Safe for all threads.
    public boolean isVerified(Advert advert, Instant now) {
        return verifiedUntil(advert).isAfter(now);
    }

    /// A verified retirement.
    ///
    /// @return false if it changes nothing
    public boolean retire(Retirement retirement, String origin, Instant now) {
        if (!wouldTake(retirement)) {
            return false;
        }
        PublicKey key = retirement.header().key();
        Entry known = entries.get(key);
        boolean counts =
                known != null && known.advert.header().sequence() <= retirement.advertSequence();
        PeerId author = retirement.header().author();
        if (!counts && records(author, key) >= limits.recordsPerAuthor()) {
            return false; // Of adverts that nobody has seen here.
        }
        Tombstone tombstone =
                new Tombstone(
                        retirement.advertSequence(),
                        retirement.header().notAfter(),
                        Optional.of(digest(retirement)));
        bury(key, author, origin, tombstone);
        if (counts) {
            remove(key);
            events.add(new AdvertEvent.SignerWithdrawn(now, key));
        }
        return true;
    }

    private void bury(PublicKey key, PeerId author, String origin, Tombstone tombstone) {
        tombstones.put(key, tombstone);
        tombstoneRoom.put(key, origin, author);
        while (tombstones.size() > limits.tombstones()) {
            PublicKey first = tombstoneRoom.first().orElseThrow();
            tombstones.remove(first);
            tombstoneRoom.remove(first);
        }
    }

    // --- what happens

    /// What counts no longer goes.
    public void tick(Instant now) {
        for (Entry entry : List.copyOf(entries.values())) {
            Advert advert = entry.advert;
            PublicKey key = advert.header().key();
            if (!advert.header().notAfter().isAfter(now)) {
                remove(key);
                Instant end = advert.header().made().plus(Advert.MAX_LIFETIME);
                if (end.isAfter(now)) {
                    // An older one that was made for longer must not come back.
                    long sequence = advert.header().sequence();
                    bury(
                            key,
                            advert.header().author(),
                            entry.origin,
                            new Tombstone(sequence, end, Optional.empty()));
                }
                events.add(new AdvertEvent.SignerUnavailable(now, key, Reason.EXPIRED));
            }
        }
        tombstones
                .entrySet()
                .removeIf(gone -> {
                    boolean over = !gone.getValue().until.isAfter(now);
                    if (over) {
                        tombstoneRoom.remove(gone.getKey());
                    }
                    return over;
                });
    }

    /// No connection to a peer is left.
    public void disconnected(PeerId peer, Instant now) {
        for (Entry entry : entries.values()) {
            if (entry.advert.header().author().equals(peer)) {
                events.add(
                        new AdvertEvent.SignerUnavailable(
                                now, entry.advert.header().key(), Reason.DISCONNECTED));
            }
        }
    }

    // --- what is known

    /// An advert, and how it is known.
    ///
    /// @param verified whether a key vouches for it that the operator named
    public record Known(Advert advert, Via via, boolean verified) {}

    /// The advert of a key, if it counts.
    public Optional<Known> get(PublicKey key, Instant now) {
        return Optional.ofNullable(entries.get(key)).flatMap(entry -> known(entry, now));
    }

    private static Optional<Known> known(Entry entry, Instant now) {
        return entry.advert.header().notAfter().isAfter(now)
                ? Optional.of(new Known(entry.advert, entry.via, entry.verifiedUntil.isAfter(now)))
                : Optional.empty();
    }

    /// All that count, by ascending keys.
    public List<Known> all(Instant now) {
        return entries.values().stream().flatMap(entry -> known(entry, now).stream()).toList();
    }

    /// Some of them.
    ///
    /// @param more whether there are others above
    public record Page(List<Bytes> envelopes, boolean more) {}

    /// Those of any of these types, by keys above one, in ascending order.
    ///
    /// @param types none: all
    /// @param count most of them
    public Page page(
            Set<TransactionType> types, Optional<PublicKey> after, int count, Instant now) {
        var above = after.isEmpty() ? entries : entries.tailMap(after.get(), false);
        List<Bytes> page = new ArrayList<>();
        for (Entry entry : above.values()) {
            boolean asked =
                    types.isEmpty()
                            || entry.advert.terms().types().stream().anyMatch(types::contains);
            if (asked && known(entry, now).isPresent()) {
                if (page.size() == count) {
                    return new Page(page, true);
                }
                page.add(entry.advert.envelope());
            }
        }
        return new Page(page, false);
    }

    /// How many adverts are kept.
    public int size() {
        return entries.size();
    }

    /// How many bytes they take.
    public long bytes() {
        return bytes;
    }

    /// How many sequences are remembered of adverts that are gone.
    public int tombstones() {
        return tombstones.size();
    }
}
