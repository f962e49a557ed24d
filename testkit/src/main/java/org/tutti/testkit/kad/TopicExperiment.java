package org.tutti.testkit.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.Key;
import org.tutti.libp2p.internal.kad.LocalRecords;
import org.tutti.libp2p.internal.kad.Now;
import org.tutti.libp2p.internal.kad.StoredRecords;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.Source;
import org.tutti.libp2p.internal.kad.records.ValueStore;
import org.tutti.libp2p.internal.kad.topics.AuthorPath;
import org.tutti.libp2p.internal.kad.topics.Shard;
import org.tutti.libp2p.internal.kad.topics.ShardReading;
import org.tutti.libp2p.internal.kad.topics.TopicListing;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Whether the honest entries of a topic are found beside an attacker's: the real stores, paths,
/// shards and listings, among servers of whom everybody finds the nearest to a key. What look-ups
/// themselves lose is measured by [KadExperiment].
public final class TopicExperiment {
    private static final int REPLICAS = 20;

    /// What a node asks at once.
    private static final int PARALLEL = 10;

    private static final Bytes NETWORK =
            Bytes.wrap("simulated".getBytes(StandardCharsets.US_ASCII));
    private static final String NAMESPACE = "advert";
    private static final Topic TOPIC =
            new Topic(NETWORK, NAMESPACE, Bytes.wrap("spend".getBytes(StandardCharsets.US_ASCII)));

    /// 2026-05-01; nothing here takes time.
    private static final Now NOW = new Now(0, 1_777_636_800_000L);

    /// What a listing came to.
    ///
    /// @param found of the honest entries, 0 to 1
    /// @param entries how many it gave, the attacker's included
    /// @param shards how many were read
    /// @param records how many were asked for
    public record Listed(double found, int entries, int shards, int records, TopicResult.End end) {}

    private final SplittableRandom random;
    private final KeySpace space;
    private final Map<Bytes, LocalRecords> servers = new HashMap<>();
    private final List<Author> honest = new ArrayList<>();

    /// Who publishes, and from where.
    private record Author(PeerId id, Optional<Bytes> record, Source source, Contact contact) {}

    /// @param count servers, at least as many as keep a record
    public TopicExperiment(long seed, int count) {
        if (count < REPLICAS) {
            throw new IllegalArgumentException("fewer than " + REPLICAS + " servers");
        }
        random = new SplittableRandom(seed);
        RecordValidators validators =
                RecordValidators.of(new SignedRecordValidator(NETWORK, NAMESPACE));
        List<Contact> contacts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PeerId id = keyless();
            servers.put(
                    id.multihash(),
                    new StoredRecords(
                            validators, ValueStore.DEFAULT_LIMITS, ProviderStore.DEFAULT_LIMITS));
            contacts.add(Contact.of(id, List.of()));
        }
        space = new KeySpace(contacts);
    }

    /// An id of which nobody has a key: its author has no record.
    private PeerId keyless() {
        byte[] bytes = new byte[36];
        random.nextBytes(bytes);
        return PeerId.ofEncodedKey(Bytes.wrap(bytes));
    }

    private Author author(PeerId id, Optional<Bytes> record) {
        int ip = random.nextInt();
        String address =
                (ip >>> 24) + "." + (ip >>> 16 & 255) + "." + (ip >>> 8 & 255) + "." + (ip & 255);
        String prefix = (ip >>> 24) + "." + (ip >>> 16 & 255);
        return new Author(
                id,
                record,
                new Source(id, address, prefix),
                Contact.of(id, List.of(Multiaddr.parse("/ip4/" + address + "/tcp/4001"))));
    }

    private Author withRecord() {
        PrivateKey key = Keys.generate(KeyType.ED25519, new Seeded(random.nextLong()));
        PeerId id = key.publicKey().peerId();
        SignedRecord record =
                SignedRecord.of(
                        NETWORK,
                        NAMESPACE,
                        id,
                        TOPIC.id(),
                        NOW.epochMillis(),
                        Duration.ofDays(1),
                        Bytes.wrap(new byte[400]));
        return author(id, Optional.of(record.seal(key)));
    }

    private List<LocalRecords> nearest(Bytes key) {
        return space.closest(Key.of(key), REPLICAS).stream()
                .map(contact -> Objects.requireNonNull(servers.get(contact.peer().multihash())))
                .toList();
    }

    private ShardReading read(Shard shard) {
        ShardReading reading = new ShardReading(shard);
        for (Contact server : space.closest(Key.of(shard.key()), REPLICAS)) {
            LocalRecords records = Objects.requireNonNull(servers.get(server.peer().multihash()));
            reading.answer(
                    server.peer(),
                    records.providers(shard.key(), NOW).stream().map(Contact::peer).toList());
        }
        return reading;
    }

    private void publish(Author author) {
        author.record()
                .ifPresent(record -> {
                    Bytes key = TOPIC.keyOf(author.id());
                    nearest(key).forEach(server -> server.put(key, record, author.source(), NOW));
                });
        provide(author);
    }

    /// Names the author in all shards where it has to be, as it does when it publishes, and again
    /// each time that it looks where that is.
    private void provide(Author author) {
        AuthorPath path = new AuthorPath(TOPIC.id(), author.id());
        for (Optional<Shard> next = path.next(); next.isPresent(); next = path.next()) {
            path.read(read(next.get()));
        }
        path.shards()
                .forEach(shard -> {
                    for (LocalRecords server : nearest(shard.key())) {
                        server.addProvider(shard.key(), author.contact(), author.source(), NOW);
                    }
                });
    }

    /// So many honest authors publish, each from a network of its own.
    public void publishHonest(int count) {
        for (int i = 0; i < count; i++) {
            Author author = withRecord();
            honest.add(author);
            publish(author);
        }
    }

    /// So many of an attacker's publish valid entries, with random ids, from as many networks: what
    /// costs it most.
    public void publishSybils(int count) {
        for (int i = 0; i < count; i++) {
            publish(withRecord());
        }
    }

    /// So many of an attacker's ids, made to lie in the shard of this depth that an honest author
    /// is in, name themselves there, and behind none is a record.
    public void publishGround(int count, int depth) {
        Shard shard = Shard.of(TOPIC.id(), honest.getFirst().id(), depth);
        for (int made = 0; made < count; ) {
            PeerId id = keyless();
            if (shard.contains(id)) {
                provide(author(id, Optional.empty()));
                made++;
            }
        }
    }

    /// The honest authors look where they have to be, as they do regularly.
    public void renew() {
        honest.forEach(this::provide);
    }

    /// Reads the topic.
    public Listed list(ListLimits limits) {
        TopicListing listing =
                new TopicListing(
                        TOPIC,
                        new TopicListing.Bounds(
                                limits.entries(), limits.shards(), limits.records()),
                        random.split());
        Set<PeerId> wanted = new HashSet<>();
        honest.forEach(author -> wanted.add(author.id()));
        int found = 0;
        int entries = 0;
        int shards = 0;
        int records = 0;
        while (listing.end().isEmpty()) {
            for (PeerId author : listing.nextAuthors(PARALLEL)) {
                records++;
                Bytes key = TOPIC.keyOf(author);
                Optional<Bytes> value =
                        nearest(key).stream()
                                .flatMap(server -> server.value(key, NOW).stream())
                                .findFirst();
                if (listing.recordRead(author, value, NOW.epochMillis()).isPresent()) {
                    entries++;
                    found += wanted.contains(author) ? 1 : 0;
                }
            }
            for (Shard shard : listing.nextShards(PARALLEL)) {
                shards++;
                listing.shardRead(read(shard));
            }
        }
        return new Listed(
                wanted.isEmpty() ? 1 : (double) found / wanted.size(),
                entries,
                shards,
                records,
                TopicResult.End.valueOf(listing.end().orElseThrow().name()));
    }

    /// Keys that are the same in every run: nobody's money.
    private static final class Seeded extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final transient SplittableRandom random;

        Seeded(long seed) {
            random = new SplittableRandom(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }
    }
}
