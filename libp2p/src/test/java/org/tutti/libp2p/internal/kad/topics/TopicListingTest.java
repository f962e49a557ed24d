package org.tutti.libp2p.internal.kad.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.key;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.Source;
import org.tutti.libp2p.internal.kad.topics.TopicListing.Bounds;
import org.tutti.libp2p.internal.kad.topics.TopicListing.End;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Authors and readers of a topic around three replicas that keep every key. Authors whose record
/// is asked for have one if the network says so.
class TopicListingTest {
    private static final Topic TOPIC = new Topic(NETWORK, "adverts", text("co-signers wanted"));
    private static final Bytes ID = TOPIC.id();
    private static final List<Multiaddr> ADDRESS =
            List.of(Multiaddr.parse("/ip4/198.51.100.1/tcp/4001"));
    private static final List<PrivateKey> KEYS = new ArrayList<>();

    private final List<ProviderStore> replicas =
            IntStream.range(0, 3)
                    .mapToObj(i -> new ProviderStore(ProviderStore.DEFAULT_LIMITS))
                    .toList();
    private final Map<Bytes, Bytes> records = new HashMap<>();

    /// Made once: people who sign.
    @BeforeAll
    static void keys() {
        for (int i = 0; i < 120; i++) {
            KEYS.add(key(i + 1));
        }
    }

    private static SignedRecord entry(PrivateKey author) {
        return SignedRecord.of(
                NETWORK, "adverts", id(author), ID, MILLIS, Duration.ofHours(24), text("room"));
    }

    private ShardReading read(Shard shard) {
        ShardReading reading = new ShardReading(shard);
        for (int i = 0; i < replicas.size(); i++) {
            reading.answer(
                    stranger(-1 - i),
                    replicas.get(i).providers(shard.key(), MILLIS).stream()
                            .map(ProviderStore.Provider::peer)
                            .toList());
        }
        return reading;
    }

    /// From a network prefix of its own.
    private int publish(PeerId author) {
        String prefix = author.toString();
        return publish(author, new Source(author, prefix, prefix));
    }

    private int publish(PeerId author, Source from) {
        AuthorPath path = new AuthorPath(ID, author);
        for (Optional<Shard> next = path.next(); next.isPresent(); next = path.next()) {
            path.read(read(next.get()));
        }
        List<Shard> shards = path.shards().toList();
        for (Shard shard : shards) {
            add(shard, from);
        }
        return shards.size() - 2;
    }

    private void add(Shard shard, Source from) {
        replicas.forEach(r -> r.add(shard.key(), from.peer(), ADDRESS, from, MILLIS));
    }

    private record Listed(List<SignedRecord> entries, Set<PeerId> asked, int shards, End end) {}

    private Listed list(Bounds bounds, int seed) {
        TopicListing listing = new TopicListing(TOPIC, bounds, new SplittableRandom(seed));
        List<SignedRecord> entries = new ArrayList<>();
        Set<PeerId> asked = new LinkedHashSet<>();
        int shards = 0;
        while (listing.end().isEmpty()) {
            List<Shard> next = listing.nextShards(10);
            shards += next.size();
            next.forEach(s -> listing.shardRead(read(s)));
            List<PeerId> authors = listing.nextAuthors(10);
            for (PeerId author : authors) {
                assertThat(asked.add(author)).isTrue();
                listing.recordRead(
                                author,
                                Optional.ofNullable(records.get(author.multihash())),
                                MILLIS)
                        .ifPresent(entries::add);
            }
            assertThat(next.size() + authors.size() > 0 || listing.end().isPresent()).isTrue();
        }
        return new Listed(entries, asked, shards, listing.end().get());
    }

    @Test
    void anEmptyTopicIsReadWithOneShard() {
        assertThat(list(Bounds.DEFAULT, 1))
                .isEqualTo(new Listed(List.of(), Set.of(), 1, End.COMPLETE));
    }

    @Test
    void theEntriesOfAllAuthorsAreListed() {
        for (PrivateKey author : KEYS) {
            publish(id(author));
            records.put(id(author).multihash(), entry(author).seal(author));
        }
        Listed listed = list(Bounds.DEFAULT, 1);
        assertThat(listed.end).isEqualTo(End.COMPLETE);
        assertThat(listed.entries.stream().map(SignedRecord::author))
                .containsExactlyInAnyOrderElementsOf(KEYS.stream().map(k -> id(k)).toList());
    }

    /// Nobody publishes twice, although the topic grows to 25 times what the first authors saw.
    @Test
    void authorsThatPublishedWhenTheTopicWasSmallAreFoundWhenItIsLarge() {
        int number = 400;
        int deepest = 0;
        for (int i = 0; i < number; i++) {
            deepest = Math.max(deepest, publish(stranger(i)));
        }
        assertThat(deepest).isBetween(2, 5);
        Listed listed = list(new Bounds(10_000, 10_000, 10_000), 1);
        assertThat(listed.asked.size()).isGreaterThan(number * 95 / 100);
        assertThat(listed.shards).isLessThan(number / 3);
        // And once each of them has published again, all are.
        IntStream.range(0, number).forEach(i -> publish(stranger(i)));
        listed = list(new Bounds(10_000, 10_000, 10_000), 1);
        assertThat(listed.asked).hasSize(number);
        assertThat(listed.end).isEqualTo(End.COMPLETE);
    }

    /// Mallory has ids beside Alice's, as deep as she can afford, from prefixes of their own.
    @Test
    void whoGrindsIdsIntoAShardHidesNobodyAndCostsFourShardsALevel() {
        PeerId alice = stranger(0);
        IntStream.range(0, 40).forEach(i -> publish(stranger(i)));
        Listed before = list(new Bounds(10_000, 10_000, 10_000), 1);
        int deep = 4;
        List<PeerId> ground = ShardReadingTest.ground(Shard.of(ID, alice, deep), 100);
        for (PeerId id : ground) {
            for (int depth = 0; depth <= deep + 1; depth++) {
                add(Shard.of(ID, id, depth), new Source(id, id.toString(), id.toString()));
            }
        }
        // Who was pushed out of full shards above comes again, deeper than before.
        IntStream.range(0, 40).forEach(i -> publish(stranger(i)));
        Listed after = list(new Bounds(10_000, 10_000, 10_000), 1);
        assertThat(after.asked)
                .containsAll(IntStream.range(0, 40).mapToObj(i -> stranger(i)).toList());
        // Four for each shard that she could fill: on the way there, and the four below.
        assertThat(after.shards - before.shards).isLessThanOrEqualTo(4 * (deep + 1 + 4));
    }

    @Test
    void aListingStopsAtEachOfItsBounds() {
        for (PrivateKey author : KEYS) {
            publish(id(author));
            records.put(id(author).multihash(), entry(author).seal(author));
        }
        Listed few = list(new Bounds(7, 100, 1_000), 1);
        assertThat(few.entries).hasSize(7);
        assertThat(few.end).isEqualTo(End.ENTRIES);
        Listed shards = list(new Bounds(1_000, 3, 1_000), 1);
        assertThat(shards.shards).isEqualTo(3);
        assertThat(shards.end).isEqualTo(End.SHARDS);
        Listed fetched = list(new Bounds(1_000, 100, 30), 1);
        assertThat(fetched.asked).hasSize(30);
        assertThat(fetched.end).isEqualTo(End.RECORDS);
        assertThatThrownBy(() -> new Bounds(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bounds(1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bounds(1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /// Else who owns certain shards would decide which entries a bounded listing has.
    @Test
    void eachReaderHasAnOrderOfItsOwn() {
        KEYS.forEach(k -> publish(id(k)));
        Set<Set<PeerId>> seen = new HashSet<>();
        for (int seed = 0; seed < 8; seed++) {
            seen.add(Set.copyOf(list(new Bounds(1_000, 3, 1_000), seed).asked));
        }
        assertThat(seen).hasSizeGreaterThan(3);
    }

    @Test
    void whatDoesNotVerifyIsNoEntry() {
        PrivateKey alice = KEYS.get(0);
        PrivateKey mallory = KEYS.get(1);
        Bytes mallorys = entry(mallory).seal(mallory);
        Bytes gone = SignedRecord.tombstone(NETWORK, "adverts", id(alice), ID, MILLIS).seal(alice);
        Bytes elsewhere =
                SignedRecord.of(
                                NETWORK,
                                "adverts",
                                id(alice),
                                text("another"),
                                MILLIS,
                                Duration.ofHours(1),
                                text("room"))
                        .seal(alice);
        for (Bytes value : List.of(mallorys, gone, elsewhere, text("x"), Bytes.EMPTY)) {
            TopicListing listing = new TopicListing(TOPIC, Bounds.DEFAULT, new SplittableRandom(1));
            Shard root = listing.nextShards(1).getFirst();
            ShardReading reading = new ShardReading(root);
            reading.answer(stranger(-1), List.of(id(alice)));
            listing.shardRead(reading);
            assertThat(listing.nextAuthors(9)).containsExactly(id(alice));
            assertThat(listing.recordRead(id(alice), Optional.of(value), MILLIS)).isEmpty();
            assertThat(listing.end()).contains(End.COMPLETE);
        }
    }

    @Test
    void authorsThatFewReplicasNameComeLast() {
        TopicListing listing = new TopicListing(TOPIC, Bounds.DEFAULT, new SplittableRandom(1));
        Shard root = listing.nextShards(9).getFirst();
        assertThat(listing.nextAuthors(9)).isEmpty();
        ShardReading reading = new ShardReading(root);
        reading.answer(stranger(-1), ShardReadingTest.strangers(1_000, 1_064));
        for (int i = 0; i < 3; i++) {
            reading.answer(stranger(-2 - i), ShardReadingTest.strangers(0, 16));
        }
        listing.shardRead(reading);
        assertThat(listing.nextAuthors(100))
                .containsExactlyElementsOf(ShardReadingTest.strangers(0, 16));
        List<Shard> children = listing.nextShards(9);
        assertThat(children).hasSize(4);
        // In its own shard an author that was doubtful may be named by more.
        for (Shard child : children) {
            assertThat(listing.nextAuthors(100)).isEmpty();
            ShardReading below = new ShardReading(child);
            if (child.contains(stranger(1_000))) {
                below.answer(stranger(-1), List.of(stranger(1_000)));
            }
            listing.shardRead(below);
            if (child.contains(stranger(1_000))) {
                assertThat(listing.nextAuthors(1)).containsExactly(stranger(1_000));
            }
        }
        assertThat(listing.nextAuthors(100))
                .containsExactlyElementsOf(ShardReadingTest.strangers(1_001, 1_064));
    }

    /// Replicas that make up authors take no room from those that others name.
    @Test
    void madeUpAuthorsAreBoundedApartFromOthers() {
        TopicListing listing =
                new TopicListing(TOPIC, new Bounds(100, 100, 10), new SplittableRandom(1));
        ShardReading reading = new ShardReading(listing.nextShards(1).getFirst());
        for (int i = 0; i < 8; i++) {
            reading.answer(stranger(-1 - i), ShardReadingTest.strangers(1_000 * i, 1_000 * i + 60));
        }
        for (int i = 0; i < 8; i++) {
            reading.answer(stranger(-100 - i), List.of(stranger(90_000)));
        }
        listing.shardRead(reading);
        assertThat(listing.nextAuthors(1)).containsExactly(stranger(90_000));
        assertThat(listing.nextAuthors(100)).hasSize(9);
        for (int i = 0; i < 9; i++) {
            listing.recordRead(stranger(i), Optional.empty(), MILLIS);
        }
        listing.recordRead(stranger(90_000), Optional.empty(), MILLIS);
        assertThat(listing.end()).contains(End.RECORDS);
    }

    @Test
    void answersToWhatNobodyAskedAreMistakes() {
        TopicListing listing = new TopicListing(TOPIC, Bounds.DEFAULT, new SplittableRandom(1));
        assertThatThrownBy(() -> listing.shardRead(new ShardReading(Shard.root(ID))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> listing.recordRead(stranger(1), Optional.empty(), MILLIS))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
