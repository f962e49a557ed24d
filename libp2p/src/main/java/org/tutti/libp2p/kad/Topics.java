package org.tutti.libp2p.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.kad.records.RepublishPlan;
import org.tutti.libp2p.internal.kad.topics.AuthorPath;
import org.tutti.libp2p.internal.kad.topics.Shard;
import org.tutti.libp2p.internal.kad.topics.ShardReading;
import org.tutti.libp2p.internal.kad.topics.TopicListing;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.Topic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Many entries under one key, one of each author: adverts under a topic, messages for one
/// recipient (`docs/protocol.md`, "Many entries under one key"). What is listed is signed by its
/// author and of this time; who is *not* listed may have been hidden by others.
///
/// ```java
/// Topics topics = dht.topics(key, new SequenceSource(new FileSequenceStorage(file)));
/// Topic topic = new Topic(network, "adverts", Bytes.of("co-signers wanted".getBytes(UTF_8)));
/// topics.publish(topic, advert);
/// topics.list(topic, ListLimits.entries(50), entry -> System.out.println(entry.author()));
/// ```
///
/// The DHT needs a `SignedRecordValidator` for the network and the namespace of the topic, here and
/// on the peers that keep the records.
///
/// Operations block, and may be interrupted. What is published is published again in time, on
/// threads of the host's, until it is withdrawn or this is closed. Safe for all threads.
public final class Topics implements AutoCloseable {
    /// The most topics that one host publishes an entry under.
    public static final int MAX_TOPICS = 1_000;

    /// How often an author looks whether its shards are still where readers pass.
    static final Duration PATH_INTERVAL = Duration.ofHours(1);

    /// How often it is looked whether something has to be published again.
    static final Duration TICK = Duration.ofMinutes(1);

    /// What one look at the time publishes.
    private static final int PER_TICK = 8;

    /// Look-ups of one listing that go on at once.
    private static final int PARALLEL = 8;

    private static final System.Logger LOG = System.getLogger(Topics.class.getName());

    private final Kademlia dht;
    private final BehaviourContext context;
    private final PrivateKey identity;
    private final PeerId self;
    private final SequenceSource sequences;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// Guards what follows, and is not held during look-ups.
    private final Object lock = new Object();

    private final Map<Bytes, Own> published = new HashMap<>();
    private final RepublishPlan records;
    private final RepublishPlan paths;
    private boolean ticking;
    private boolean closed;

    /// An entry of this host.
    ///
    /// @param shards where the author is named, so far
    private record Own(Topic topic, Bytes value, Set<Shard> shards) {}

    Topics(
            Kademlia dht,
            BehaviourContext context,
            PrivateKey identity,
            SequenceSource sequences,
            InstantSource clock,
            RandomGenerator random) {
        self = context.self();
        if (!self.matches(identity.publicKey())) {
            throw new IllegalArgumentException("the key is not that of " + self);
        }
        this.dht = dht;
        this.context = context;
        this.identity = identity;
        this.sequences = sequences;
        this.clock = clock;
        this.random = random;
        this.records = new RepublishPlan(RepublishPlan.INTERVAL, random);
        this.paths = new RepublishPlan(PATH_INTERVAL, random);
    }

    // Writing.

    /// Publishes this host's entry under a topic, in place of the one before, and keeps it
    /// published. If that fails it is tried again in ten minutes, until it is withdrawn.
    ///
    /// @param value at most [SignedRecord#MAX_VALUE] bytes
    /// @throws InvalidRecordException if the DHT has no validator for the topic's records
    /// @throws KadException if nobody keeps it
    /// @throws IllegalStateException if this was closed, or there are too many topics
    public TopicResult.Published publish(Topic topic, Bytes value)
            throws IOException, InvalidRecordException {
        dht.requireValidator(topic.keyOf(self));
        Bytes id = topic.id();
        Own own = new Own(topic, value, Set.of());
        SignedRecord record;
        synchronized (lock) {
            requireOpen();
            if (!published.containsKey(id) && published.size() >= MAX_TOPICS) {
                throw new IllegalStateException("entries under " + MAX_TOPICS + " topics");
            }
            record = record(topic, SignedRecord.MAX_LIFETIME, value);
            published.put(id, own);
            records.failed(id, clock.millis());
            startTicking();
        }
        Sum sum = new Sum();
        int replicas = put(record, sum);
        Set<Shard> shards = provide(topic, Set.of(), sum);
        done(own, shards, true);
        return new TopicResult.Published(replicas, shards.size(), sum.stats());
    }

    /// Publishes this host's entry under a topic for some time, and not again: a message.
    ///
    /// @param lifetime at most [SignedRecord#MAX_LIFETIME]; whole milliseconds
    public TopicResult.Published publishOnce(Topic topic, Bytes value, Duration lifetime)
            throws IOException, InvalidRecordException {
        dht.requireValidator(topic.keyOf(self));
        SignedRecord record;
        synchronized (lock) {
            requireOpen();
            record = record(topic, lifetime, value);
            forget(topic);
        }
        Sum sum = new Sum();
        int replicas = put(record, sum);
        Set<Shard> shards = provide(topic, Set.of(), sum);
        return new TopicResult.Published(replicas, shards.size(), sum.stats());
    }

    /// Takes this host's entry back: a tombstone stands in its place until nobody can show it
    /// again.
    ///
    /// @throws KadException if nobody keeps the tombstone: then the entry is there until it
    ///   expires, or this is called again
    public TopicResult.Published withdraw(Topic topic) throws IOException, InvalidRecordException {
        dht.requireValidator(topic.keyOf(self));
        SignedRecord tombstone;
        synchronized (lock) {
            requireOpen();
            forget(topic);
            tombstone =
                    SignedRecord.tombstone(
                            topic.network(),
                            topic.namespace(),
                            self,
                            topic.id(),
                            sequences.next(clock.instant()));
        }
        Sum sum = new Sum();
        return new TopicResult.Published(put(tombstone, sum), 0, sum.stats());
    }

    /// With the lock held.
    private void forget(Topic topic) {
        Bytes id = topic.id();
        published.remove(id);
        records.remove(id);
        paths.remove(id);
    }

    /// With the lock held, although it waits for the disk: so a record with a higher sequence never
    /// has an older value.
    private SignedRecord record(Topic topic, Duration lifetime, Bytes value) throws IOException {
        return SignedRecord.of(
                topic.network(),
                topic.namespace(),
                self,
                topic.id(),
                sequences.next(clock.instant()),
                lifetime,
                value);
    }

    /// Unless it was withdrawn or replaced meanwhile.
    ///
    /// @param record whether the record was put, and not only the path walked
    private void done(Own own, Set<Shard> shards, boolean record) {
        Bytes id = own.topic.id();
        synchronized (lock) {
            if (published.replace(id, own, new Own(own.topic, own.value, Set.copyOf(shards)))) {
                if (record) {
                    records.published(id, clock.millis());
                }
                paths.published(id, clock.millis());
            }
        }
    }

    private int put(SignedRecord record, Sum sum) throws IOException, InvalidRecordException {
        KadResult.Stored stored = dht.put(record.key(), record.seal(identity));
        sum.add(stored.stats());
        return stored.peers();
    }

    /// Names this host as an author in every shard where it has to be, but for those where it is.
    ///
    /// @return where it has to be
    private Set<Shard> provide(Topic topic, Set<Shard> known, Sum sum) throws IOException {
        AuthorPath path = new AuthorPath(topic.id(), self);
        for (Optional<Shard> next = path.next(); next.isPresent(); next = path.next()) {
            path.read(read(next.get(), sum));
        }
        Set<Shard> shards = new HashSet<>();
        for (Shard shard : path.shards().toList()) {
            if (!known.contains(shard)) {
                sum.add(dht.provide(shard.key()).stats());
            }
            shards.add(shard);
        }
        return shards;
    }

    private ShardReading read(Shard shard, Sum sum) throws IOException {
        Kademlia.Survey survey = dht.survey(shard.key());
        sum.add(survey.stats());
        ShardReading reading = new ShardReading(shard);
        survey.named().forEach(reading::answer);
        return reading;
    }

    // Publishing again.

    /// With the lock held.
    private void startTicking() {
        if (!ticking && !closed) {
            ticking = true;
            context.timer().schedule(TICK, () -> context.start("libp2p-kad-topics", this::tick));
        }
    }

    void tick() {
        try {
            List<Bytes> due;
            List<Bytes> moved;
            synchronized (lock) {
                due = records.due(clock.millis(), PER_TICK);
                moved = paths.due(clock.millis(), PER_TICK);
            }
            due.forEach(id -> again(id, true));
            moved.forEach(id -> again(id, false));
        } finally {
            synchronized (lock) {
                ticking = false;
                if (!published.isEmpty()) {
                    startTicking();
                }
            }
        }
    }

    /// What fails is due again in ten minutes.
    private void again(Bytes id, boolean whole) {
        try {
            Own own;
            Optional<SignedRecord> record;
            synchronized (lock) {
                @Nullable Own found = published.get(id);
                if (found == null) {
                    return;
                }
                own = found;
                record =
                        whole
                                ? Optional.of(
                                        record(own.topic, SignedRecord.MAX_LIFETIME, own.value))
                                : Optional.empty();
            }
            Sum sum = new Sum();
            if (record.isPresent()) {
                put(record.get(), sum);
            }
            done(own, provide(own.topic, whole ? Set.of() : own.shards, sum), whole);
        } catch (IOException | InvalidRecordException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "an entry could not be published again: {0}",
                    e.getMessage());
        }
    }

    // Reading.

    /// Gives the entries of a topic to `entries` as they come, on the calling thread, each verified
    /// and each author's once.
    ///
    /// @throws KadException if there is nobody to ask
    /// @throws InvalidRecordException if the DHT has no validator for the topic's records
    public TopicResult.Listed list(
            Topic topic, ListLimits limits, Consumer<? super SignedRecord> entries)
            throws IOException, InvalidRecordException {
        dht.requireValidator(topic.keyOf(self));
        return new Listing(topic, limits).run(entries);
    }

    /// What a look-up of a listing came to.
    private sealed interface Found {
        record OfShard(ShardReading reading, boolean failed) implements Found {}

        record OfAuthor(PeerId author, Optional<Bytes> value, boolean failed) implements Found {}
    }

    /// One listing. Look-ups run on threads of the host's, and all else on the caller's.
    private final class Listing {
        private final Topic topic;
        private final TopicListing listing;
        private final BlockingQueue<Found> found = new LinkedBlockingQueue<>();
        private final Sum sum = new Sum();
        private int running;
        private int entries;
        private int shards;
        private int records;
        private int failures;

        private Listing(Topic topic, ListLimits limits) {
            this.topic = topic;
            this.listing =
                    new TopicListing(
                            topic,
                            new TopicListing.Bounds(
                                    limits.entries(), limits.shards(), limits.records()),
                            random);
        }

        private TopicResult.Listed run(Consumer<? super SignedRecord> taker) throws IOException {
            // Whether there is anybody to ask shows here, and is the caller's to know.
            for (Shard root : listing.nextShards(1)) {
                shards++;
                listing.shardRead(read(root, sum));
            }
            while (listing.end().isEmpty()) {
                fill();
                take(next(), taker);
            }
            return new TopicResult.Listed(entries, end(), shards, records, failures, sum.stats());
        }

        /// Records before shards: so entries come early.
        private void fill() {
            for (PeerId author : listing.nextAuthors(PARALLEL - running)) {
                records++;
                start(() -> author(author));
            }
            for (Shard shard : listing.nextShards(PARALLEL - running)) {
                shards++;
                start(() -> shard(shard));
            }
        }

        private void start(java.util.function.Supplier<Found> lookup) {
            running++;
            context.start("libp2p-kad-listing", () -> found.add(lookup.get()));
        }

        private Found author(PeerId author) {
            try {
                KadResult.Value value = dht.get(topic.keyOf(author));
                sum.add(value.stats());
                return new Found.OfAuthor(author, value.value(), false);
            } catch (IOException | InvalidRecordException | RuntimeException e) {
                return new Found.OfAuthor(author, Optional.empty(), true);
            }
        }

        private Found shard(Shard shard) {
            try {
                return new Found.OfShard(read(shard, sum), false);
            } catch (IOException | RuntimeException e) {
                return new Found.OfShard(new ShardReading(shard), true);
            }
        }

        private Found next() throws IOException {
            try {
                return found.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while listing a topic");
            }
        }

        private void take(Found result, Consumer<? super SignedRecord> taker) {
            running--;
            switch (result) {
                case Found.OfShard(ShardReading reading, boolean failed) -> {
                    failures += failed ? 1 : 0;
                    listing.shardRead(reading);
                }
                case Found.OfAuthor(PeerId author, Optional<Bytes> value, boolean failed) -> {
                    failures += failed ? 1 : 0;
                    Optional<SignedRecord> entry =
                            listing.recordRead(author, value, clock.millis());
                    if (entry.isPresent()) {
                        entries++;
                        taker.accept(entry.get());
                    }
                }
            }
        }

        private TopicResult.End end() {
            return switch (listing.end().orElseThrow()) {
                case COMPLETE -> TopicResult.End.COMPLETE;
                case ENTRIES -> TopicResult.End.ENTRIES;
                case SHARDS -> TopicResult.End.SHARDS;
                case RECORDS -> TopicResult.End.RECORDS;
            };
        }
    }

    /// Of several look-ups, told by several threads.
    private final class Sum {
        private final long start = context.timer().nanoTime();
        private int hops;
        private int messages;

        private synchronized void add(LookupStats stats) {
            hops = Math.max(hops, stats.hops());
            messages += stats.messages();
        }

        private synchronized LookupStats stats() {
            return new LookupStats(
                    hops, messages, Duration.ofNanos(context.timer().nanoTime() - start));
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    /// Publishes nothing again from now on. What is published expires within 48 hours.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            published.clear();
        }
    }
}
