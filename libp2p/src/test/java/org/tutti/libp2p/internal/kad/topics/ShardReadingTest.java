package org.tutti.libp2p.internal.kad.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

class ShardReadingTest {
    private static final Bytes TOPIC = Bytes.wrap(new byte[32]);

    static List<PeerId> strangers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> stranger(i)).toList();
    }

    private final ShardReading root = new ShardReading(Shard.root(TOPIC));

    @Test
    void aShardWithSixteenAuthorsIsFull() {
        root.answer(stranger(900), strangers(0, 15));
        assertThat(root.isFull()).isFalse();
        root.answer(stranger(901), strangers(0, 16));
        assertThat(root.isFull()).isTrue();
        assertThat(root.likely()).hasSize(16).endsWith(stranger(15));
    }

    /// Six of twenty replicas make up authors; two thirds could not be outvoted.
    @Test
    void fewReplicasDoNotMakeAShardFull() {
        for (int i = 0; i < 14; i++) {
            root.answer(stranger(900 + i), strangers(0, 5));
        }
        for (int i = 14; i < 20; i++) {
            root.answer(stranger(900 + i), strangers(100, 164));
        }
        assertThat(root.isFull()).isFalse();
        assertThat(root.likely()).containsExactlyElementsOf(strangers(0, 5));
        assertThat(root.doubtful()).hasSize(64);
    }

    @Test
    void replicasThatNameNobodyDoNotCount() {
        for (int i = 0; i < 50; i++) {
            root.answer(stranger(900 + i), List.of());
        }
        root.answer(stranger(999), strangers(0, 16));
        assertThat(root.isFull()).isTrue();
    }

    @Test
    void aReplicaIsHeardOnceAndAnAuthorCountedOnce() {
        root.answer(stranger(900), strangers(0, 4));
        root.answer(stranger(900), strangers(4, 16));
        root.answer(stranger(901), Collections.nCopies(60, stranger(1)));
        assertThat(root.likely())
                .containsExactly(stranger(1), stranger(0), stranger(2), stranger(3));
    }

    @Test
    void whoHasNoPlaceInTheShardIsLeftOut() {
        Shard child = Shard.root(TOPIC).children().getFirst();
        ShardReading reading = new ShardReading(child);
        reading.answer(stranger(900), strangers(0, 64));
        assertThat(reading.likely()).hasSizeBetween(6, 30).allMatch(child::contains);
    }

    @Test
    void aReplicaNamesSixtyFourAndSoManyReplicasAreHeard() {
        root.answer(stranger(9_000), strangers(0, 1_000));
        assertThat(root.likely()).hasSize(ShardReading.MAX_NAMED);
        for (int i = 1; i < 1_000; i++) {
            root.answer(stranger(9_000 + i), List.of(stranger(1_000 + i)));
        }
        assertThat(root.likely().size() + root.doubtful().size())
                .isEqualTo(ShardReading.MAX_NAMED + ShardReading.MAX_REPLICAS - 1);
    }

    @Test
    void anAuthorGoesDownToBelowTheFirstShardThatIsNotFull() {
        PeerId alice = stranger(1_000);
        AuthorPath path = new AuthorPath(TOPIC, alice);
        assertThat(path.next()).contains(Shard.root(TOPIC));
        ShardReading full = new ShardReading(Shard.root(TOPIC));
        full.answer(stranger(900), strangers(0, 16));
        path.read(full);
        assertThat(path.next()).contains(Shard.of(TOPIC, alice, 1));
        assertThatThrownBy(() -> path.read(full)).isInstanceOf(IllegalArgumentException.class);
        path.read(new ShardReading(Shard.of(TOPIC, alice, 1)));
        assertThat(path.next()).isEmpty();
        assertThatThrownBy(() -> path.read(full)).isInstanceOf(IllegalArgumentException.class);
        assertThat(path.shards().map(Shard::depth)).containsExactly(0, 1, 2);
        assertThat(path.shards()).allMatch(s -> s.contains(alice));
    }

    /// The one that comes makes it full; the one that is there already does not count twice.
    @Test
    void theSixteenthAuthorGoesOneDeeper() {
        assertThat(depthOf(stranger(1_000), strangers(0, 15))).isOne();
        assertThat(depthOf(stranger(1_000), strangers(0, 14))).isZero();
        assertThat(depthOf(stranger(0), strangers(0, 15))).isZero();
        assertThat(depthOf(stranger(0), strangers(0, 16))).isOne();
    }

    private static int depthOf(PeerId author, List<PeerId> inRoot) {
        AuthorPath path = new AuthorPath(TOPIC, author);
        ShardReading reading = new ShardReading(Shard.root(TOPIC));
        reading.answer(stranger(900), inRoot);
        path.read(reading);
        return path.next().isPresent() ? 1 : 0;
    }

    @Test
    void anAuthorWhoseWholePathIsFullStopsAtTheGreatestDepth() {
        PeerId alice = stranger(1_000);
        AuthorPath path = new AuthorPath(TOPIC, alice, 2);
        int read = 0;
        for (Optional<Shard> next = path.next(); next.isPresent(); next = path.next()) {
            ShardReading full = new ShardReading(next.get());
            full.answer(stranger(900), ground(next.get(), 16));
            path.read(full);
            read++;
        }
        assertThat(read).isEqualTo(3);
        assertThat(path.shards().map(Shard::depth)).containsExactly(0, 1, 2);
    }

    /// Ids that were tried until they had places in the shard.
    static List<PeerId> ground(Shard shard, int number) {
        return IntStream.iterate(1_000_000, i -> i + 1)
                .mapToObj(i -> stranger(i))
                .filter(shard::contains)
                .limit(number)
                .toList();
    }
}
