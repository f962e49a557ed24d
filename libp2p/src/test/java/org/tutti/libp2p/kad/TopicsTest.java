package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SequenceStorage;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Entries of nodes in memory, through real hosts.
@Timeout(60)
class TopicsTest {
    private static final Bytes NETWORK = TextValidator.bytes("a network");
    private static final Topic TOPIC =
            new Topic(NETWORK, "adverts", TextValidator.bytes("co-signers wanted"));

    private final MemoryHosts hosts = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private final List<Host> all = new ArrayList<>();
    private final List<Kademlia> nodes = new ArrayList<>();
    private final List<Topics> topics = new ArrayList<>();

    @AfterEach
    void close() {
        topics.forEach(Topics::close);
        hosts.close();
    }

    private Topics join(int k, Kademlia.Mode mode) throws IOException {
        PrivateKey key = MemoryHosts.key();
        Kademlia node =
                Kademlia.builder()
                        .mode(mode)
                        .k(k)
                        .clock(clock)
                        .validator(new SignedRecordValidator(NETWORK, "adverts"))
                        .build();
        all.add(hosts.start(hosts.builder().identity(key).behaviour(node)));
        nodes.add(node);
        if (all.size() > 1) {
            node.bootstrap(List.of(MemoryHosts.addressOf(all.getFirst())));
        }
        topics.add(node.topics(key, new SequenceSource(SequenceStorage.none())));
        return topics.getLast();
    }

    private static Bytes text(String text) {
        return TextValidator.bytes(text);
    }

    /// By author.
    private Map<String, String> listed(Topics reader) throws Exception {
        Map<String, String> found = new TreeMap<>();
        TopicResult.Listed listed =
                reader.list(
                        TOPIC,
                        ListLimits.DEFAULT,
                        e ->
                                assertThat(
                                                found.put(
                                                        e.author().toString(),
                                                        TextValidator.text(e.value().get())))
                                        .isNull());
        assertThat(listed.end()).isEqualTo(TopicResult.End.COMPLETE);
        assertThat(listed.failures()).isZero();
        assertThat(listed.entries()).isEqualTo(found.size());
        return found;
    }

    private String id(int node) {
        return all.get(node).peerId().toString();
    }

    @Test
    void eachAuthorHasOneEntryThatItAloneReplacesAndWithdraws() throws Exception {
        for (int i = 0; i < 6; i++) {
            join(20, Kademlia.Mode.SERVER);
        }
        Topics reader = join(20, Kademlia.Mode.CLIENT);
        assertThat(listed(reader)).isEmpty();
        assertThat(topics.get(1).publish(TOPIC, text("one room")).replicas()).isEqualTo(5);
        topics.get(2).publish(TOPIC, text("two rooms"));
        assertThat(listed(reader)).isEqualTo(Map.of(id(1), "one room", id(2), "two rooms"));
        topics.get(1).publish(TOPIC, text("no room"));
        assertThat(listed(reader)).isEqualTo(Map.of(id(1), "no room", id(2), "two rooms"));
        topics.get(2).withdraw(TOPIC);
        assertThat(listed(reader)).isEqualTo(Map.of(id(1), "no room"));
        // Another topic has other entries.
        Topic other = new Topic(NETWORK, "adverts", text("another"));
        assertThat(reader.list(other, ListLimits.DEFAULT, _ -> {}).entries()).isZero();
    }

    @Test
    void moreAuthorsThanAShardHoldsAreAllListed() throws Exception {
        for (int i = 0; i < 24; i++) {
            join(8, Kademlia.Mode.SERVER);
        }
        for (int i = 0; i < 24; i++) {
            topics.get(i).publish(TOPIC, text("from " + i));
        }
        Map<String, String> found = listed(topics.getFirst());
        assertThat(found).hasSize(24);
        List<PeerId> some = new ArrayList<>();
        TopicResult.Listed few =
                topics.getLast().list(TOPIC, ListLimits.entries(5), e -> some.add(e.author()));
        assertThat(few.end()).isEqualTo(TopicResult.End.ENTRIES);
        assertThat(some).hasSize(5).doesNotHaveDuplicates();
        assertThat(few.records()).isLessThanOrEqualTo(15);
    }

    @Test
    void whatIsPublishedIsPublishedAgainUntilItIsWithdrawn() throws Exception {
        for (int i = 0; i < 4; i++) {
            join(20, Kademlia.Mode.SERVER);
        }
        Topics author = topics.get(1);
        author.publish(TOPIC, text("kept"));
        topics.get(2).publishOnce(TOPIC, text("once"), Duration.ofHours(48));
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofHours(22));
            author.tick();
            topics.get(2).tick();
        }
        assertThat(listed(topics.get(3))).isEqualTo(Map.of(id(1), "kept"));
        author.withdraw(TOPIC);
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofHours(22));
            author.tick();
            assertThat(listed(topics.get(3))).isEmpty();
        }
    }

    /// What was published last, and not what was published again.
    @Test
    void publishingAgainKeepsTheLastValue() throws Exception {
        for (int i = 0; i < 3; i++) {
            join(20, Kademlia.Mode.SERVER);
        }
        topics.get(1).publish(TOPIC, text("first"));
        topics.get(1).publish(TOPIC, text("second"));
        clock.advance(Duration.ofHours(22));
        topics.get(1).tick();
        assertThat(listed(topics.get(2))).isEqualTo(Map.of(id(1), "second"));
    }

    @Test
    void whatCannotBePublishedIsSaid() throws Exception {
        join(20, Kademlia.Mode.SERVER);
        Topics author = topics.getFirst();
        assertThatThrownBy(() -> author.publish(TOPIC, text("x")))
                .isInstanceOfSatisfying(
                        KadException.class,
                        e -> assertThat(e.code()).isEqualTo(KadException.Code.NO_PEERS));
        assertThatThrownBy(() -> author.list(TOPIC, ListLimits.DEFAULT, _ -> {}))
                .isInstanceOf(KadException.class);
        // Once there is somebody it is.
        join(20, Kademlia.Mode.SERVER);
        clock.advance(Duration.ofMinutes(10));
        author.tick();
        assertThat(listed(topics.get(1))).isEqualTo(Map.of(id(0), "x"));

        Topic unknown = new Topic(NETWORK, "unknown", text("x"));
        assertThatThrownBy(() -> author.publish(unknown, text("x")))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("unknown");
        assertThatThrownBy(() -> author.list(unknown, ListLimits.DEFAULT, _ -> {}))
                .isInstanceOf(InvalidRecordException.class);
        assertThatThrownBy(() ->
                        author.publish(TOPIC, Bytes.wrap(new byte[SignedRecord.MAX_VALUE + 1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        nodes.getFirst()
                                .topics(
                                        MemoryHosts.key(),
                                        new SequenceSource(SequenceStorage.none())))
                .isInstanceOf(IllegalArgumentException.class);
        author.close();
        assertThatThrownBy(() -> author.publish(TOPIC, text("x")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListingHasLimits() {
        assertThatThrownBy(() -> new ListLimits(0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ListLimits(1, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ListLimits(1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ListLimits.entries(7)).isEqualTo(new ListLimits(7, 1_000, 21));
    }
}
