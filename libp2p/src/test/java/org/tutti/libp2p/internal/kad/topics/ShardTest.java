package org.tutti.libp2p.internal.kad.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.Tagged;
import org.tutti.libp2p.kad.record.Topic;

import java.util.HashSet;
import java.util.Set;

class ShardTest {
    private static final Topic TOPIC = new Topic(NETWORK, "adverts", text("co-signers wanted"));
    private static final Bytes ID = TOPIC.id();

    @Test
    void theBytesAreThoseOfTheProtocolsDescription() {
        assertThat(ID)
                .isEqualTo(
                        Tagged.hash(
                                "tutti/dht/topic",
                                "01"
                                        + ("09" + text("a network").toHex())
                                        + ("07" + text("adverts").toHex())
                                        + ("11" + text("co-signers wanted").toHex())));
        PeerId author = stranger(7);
        Bytes place = Tagged.hash("tutti/dht/author", ID.toHex() + author.multihash().toHex());
        int first = (place.get(0) & 0xff) << 24;
        Shard shard = Shard.of(ID, author, 3);
        assertThat(shard.prefix()).isEqualTo(first & 0xfc000000);
        assertThat(shard.key().toHex())
                .isEqualTo(
                        "1220"
                                + Tagged.hash(
                                                "tutti/dht/shard",
                                                ID.toHex()
                                                        + "03"
                                                        + String.format("%08x", shard.prefix()))
                                        .toHex());
        assertThat(TOPIC.keyOf(author))
                .isEqualTo(SignedRecord.keyOf(NETWORK, "adverts", author, ID));
    }

    @Test
    void everyAuthorIsInOneShardOfEachDepth() {
        Set<Shard> level = Set.of(Shard.root(ID));
        for (int depth = 0; depth < 4; depth++) {
            Set<Shard> below = new HashSet<>();
            level.forEach(s -> below.addAll(s.children()));
            assertThat(below).hasSize(level.size() * 4);
            for (int i = 0; i < 100; i++) {
                PeerId author = stranger(i);
                assertThat(level.stream().filter(s -> s.contains(author)))
                        .containsExactly(Shard.of(ID, author, depth));
            }
            level = below;
        }
        assertThat(level.stream().map(Shard::key).distinct()).hasSize(256);
    }

    @Test
    void theDeepestShardHasNoChildrenAndItsOwnKey() {
        PeerId author = stranger(3);
        Shard deepest = Shard.of(ID, author, Shard.MAX_DEPTH);
        assertThat(deepest.contains(author)).isTrue();
        assertThat(deepest.children()).isEmpty();
        Shard above = Shard.of(ID, author, Shard.MAX_DEPTH - 1);
        assertThat(above.children()).hasSize(4).contains(deepest);
        assertThat(Shard.root(ID).key()).isNotEqualTo(new Shard(ID, 1, 0).key());
    }

    /// Ids that were made for one topic are spread over another.
    @Test
    void aPlaceIsAnotherInEveryTopic() {
        Bytes other = new Topic(NETWORK, "adverts", text("another")).id();
        Shard first = new Shard(ID, 2, 0);
        Set<Shard> elsewhere = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            if (first.contains(stranger(i))) {
                elsewhere.add(Shard.of(other, stranger(i), 2));
            }
        }
        assertThat(elsewhere).hasSizeGreaterThan(12);
    }

    @Test
    void whatIsOutOfBoundsIsNoShardAndNoTopic() {
        notMade(() -> new Shard(ID, -1, 0));
        notMade(() -> new Shard(ID, 17, 0));
        notMade(() -> new Shard(ID, 0, 1));
        notMade(() -> new Shard(ID, 1, 1 << 29));
        notMade(() -> new Shard(text("short"), 0, 0));
        notMade(() -> new Topic(NETWORK, "adverts", Bytes.EMPTY));
        notMade(() -> new Topic(NETWORK, "adverts", Bytes.wrap(new byte[1_025])));
        notMade(() -> new Topic(NETWORK, "Adverts", text("x")));
        notMade(() -> new Topic(Bytes.EMPTY, "adverts", text("x")));
        notMade(() -> new Topic(Bytes.wrap(new byte[65]), "adverts", text("x")));
    }

    private static void notMade(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }
}
