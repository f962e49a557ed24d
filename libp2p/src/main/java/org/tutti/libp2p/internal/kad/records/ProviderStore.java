package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Who says of itself that it provides a key (libp2p/specs kad-dht/README.md, "Content routing").
public final class ProviderStore {
    /// How long an entry lives (go-libp2p-kad-dht's `ProvideValidity`; the spec's text has 24
    /// hours).
    public static final Duration VALIDITY = Duration.ofHours(48);

    /// The longest key, in bytes: go refuses longer ones.
    public static final int MAX_KEY = 80;

    /// The most addresses of a provider that are kept, and the longest of them.
    public static final int MAX_ADDRESSES = 16;

    static final int MAX_ADDRESS_LENGTH = 256;

    /// 32 MiB in all, an eighth of it for a prefix, a 64th for a peer. Of one key 64 providers, 16
    /// of a prefix, 4 of an address.
    public static final Limits DEFAULT_LIMITS =
            new Limits(
                    new Bound(65_536, 32 << 20),
                    new Bound(8_192, 4 << 20),
                    new Bound(1_024, 512 << 10),
                    64,
                    16,
                    4);

    /// For networks in which all peers are in a few prefixes by their nature.
    public static final Limits PRIVATE_LIMITS =
            new Limits(
                    DEFAULT_LIMITS.total,
                    DEFAULT_LIMITS.total,
                    DEFAULT_LIMITS.perPeer,
                    DEFAULT_LIMITS.perKey,
                    DEFAULT_LIMITS.perKey,
                    DEFAULT_LIMITS.perKey);

    /// What an entry takes in memory beside key and addresses.
    static final int OVERHEAD = 640;

    private static final int ADDRESS_OVERHEAD = 96;

    /// How much the store may hold.
    ///
    /// @param perKey the most providers of one key
    /// @param perKeyAndPrefix of these, from one network prefix
    /// @param perKeyAndAddress of these, from one address
    public record Limits(
            Bound total,
            Bound perPrefix,
            Bound perPeer,
            int perKey,
            int perKeyAndPrefix,
            int perKeyAndAddress) {
        public Limits {
            if (perKey < 1 || perKeyAndPrefix < 1 || perKeyAndAddress < 1) {
                throw new IllegalArgumentException("no room for any provider of a key");
            }
        }
    }

    /// What became of an ADD_PROVIDER.
    public enum Added {
        STORED,
        /// Somebody else's entry than the sender's.
        NOT_THE_SENDER,
        /// Over 80 bytes, or empty.
        BAD_KEY,
        /// Without an address nobody could reach the provider.
        NO_ADDRESS,
        /// No room: all others have a better right to it.
        FULL
    }

    /// A provider as it is told on.
    ///
    /// @param addresses at most [#MAX_ADDRESSES]
    public record Provider(PeerId peer, List<Multiaddr> addresses) {
        public Provider {
            addresses = List.copyOf(addresses);
        }
    }

    private record Id(Bytes key, Bytes peer) implements Comparable<Id> {
        @Override
        public int compareTo(Id other) {
            int byKey = key.compareTo(other.key);
            return byKey != 0 ? byKey : peer.compareTo(other.peer);
        }
    }

    private record Entry(Id id, Provider provider, Source source, long until, long size) {}

    private final Limits limits;

    /// Of each key its providers, those renewed least recently first.
    private final Map<Bytes, LinkedHashMap<Bytes, Entry>> byKey = new HashMap<>();

    private final FairShares<Id> shares;
    private final TreeSet<Entry> byEnd =
            new TreeSet<>(Comparator.comparingLong(Entry::until).thenComparing(Entry::id));

    public ProviderStore(Limits limits) {
        this.limits = limits;
        this.shares = new FairShares<>(limits.total, limits.perPrefix, limits.perPeer);
    }

    /// ADD_PROVIDER, for one of its providers.
    public Added add(
            Bytes key, PeerId provider, List<Multiaddr> addresses, Source source, long now) {
        forget(now);
        // "should validate that the received `PeerInfo` matches the sender's `peerID`".
        if (!provider.equals(source.peer())) {
            return Added.NOT_THE_SENDER;
        }
        if (key.isEmpty() || key.length() > MAX_KEY) {
            return Added.BAD_KEY;
        }
        List<Multiaddr> kept =
                addresses.stream()
                        .filter(a -> a.toBytes().length <= MAX_ADDRESS_LENGTH)
                        .limit(MAX_ADDRESSES)
                        .toList();
        if (kept.isEmpty()) {
            return Added.NO_ADDRESS;
        }
        Id id = new Id(key, provider.multihash());
        Entry entry =
                new Entry(
                        id,
                        new Provider(provider, kept),
                        source,
                        now + VALIDITY.toMillis(),
                        size(key, kept));
        remove(id);
        makeRoom(key, source);
        byKey.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(id.peer, entry);
        byEnd.add(entry);
        shares.put(id, source, entry.size).forEach(this::remove);
        return contains(id) ? Added.STORED : Added.FULL;
    }

    private static long size(Bytes key, List<Multiaddr> addresses) {
        long size = OVERHEAD + key.length();
        for (Multiaddr address : addresses) {
            size += ADDRESS_OVERHEAD + 2L * address.toBytes().length;
        }
        return size;
    }

    /// Lets one go if the key has as many as it may have: of the newcomer's address or prefix if
    /// that has too many, else of the prefix that has most. Of these the one renewed least
    /// recently. So one prefix does not push out another's.
    private void makeRoom(Bytes key, Source source) {
        @Nullable LinkedHashMap<Bytes, Entry> providers = byKey.get(key);
        if (providers == null) {
            return;
        }
        letGo(providers, e -> e.source.address().equals(source.address()), limits.perKeyAndAddress);
        letGo(providers, e -> e.source.prefix().equals(source.prefix()), limits.perKeyAndPrefix);
        if (providers.size() >= limits.perKey) {
            String fullest = fullestPrefix(providers);
            letGo(providers, e -> e.source.prefix().equals(fullest), 1);
        }
    }

    /// The oldest of those that match, if there are so many or more.
    private void letGo(LinkedHashMap<Bytes, Entry> providers, Predicate<Entry> match, int atLeast) {
        List<Entry> matching = providers.values().stream().filter(match).toList();
        if (matching.size() >= atLeast) {
            remove(matching.getFirst().id);
        }
    }

    /// Of several the one whose entry was not renewed for longest.
    private static String fullestPrefix(LinkedHashMap<Bytes, Entry> providers) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Entry entry : providers.values()) {
            counts.merge(entry.source.prefix(), 1, Integer::sum);
        }
        String fullest = "";
        int most = 0;
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            if (count.getValue() > most) {
                fullest = count.getKey();
                most = count.getValue();
            }
        }
        return fullest;
    }

    /// GET_PROVIDERS: those renewed last first, so that a bounded answer has those most likely to
    /// be there.
    public List<Provider> providers(Bytes key, long now) {
        forget(now);
        @Nullable LinkedHashMap<Bytes, Entry> providers = byKey.get(key);
        if (providers == null) {
            return List.of();
        }
        List<Provider> found = new ArrayList<>();
        for (Entry entry : providers.sequencedValues().reversed()) {
            found.add(entry.provider);
        }
        return found;
    }

    public int size() {
        return shares.size();
    }

    /// As they lie in memory, about.
    public long bytes() {
        return shares.bytes();
    }

    /// Drops what expired; every other method does, too.
    public void forget(long now) {
        while (!byEnd.isEmpty() && byEnd.first().until <= now) {
            remove(byEnd.first().id);
        }
    }

    private boolean contains(Id id) {
        @Nullable LinkedHashMap<Bytes, Entry> providers = byKey.get(id.key);
        return providers != null && providers.containsKey(id.peer);
    }

    private void remove(Id id) {
        @Nullable LinkedHashMap<Bytes, Entry> providers = byKey.get(id.key);
        @Nullable Entry entry = providers == null ? null : providers.remove(id.peer);
        if (providers != null && providers.isEmpty()) {
            byKey.remove(id.key);
        }
        if (entry != null) {
            byEnd.remove(entry);
            shares.remove(id);
        }
    }
}
