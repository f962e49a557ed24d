package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.libp2p.identity.PeerId;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class InboxQueriesTest {
    private long now;
    private final InboxQueries queries = new InboxQueries(() -> now);

    private static PeerId peer() {
        return new Crafted().identity.publicKey().peerId();
    }

    @Test
    void onePeerHasFourAndOneMoreEachSecond() {
        PeerId peer = peer();
        List<Boolean> answers = IntStream.range(0, 5).mapToObj(_ -> queries.allow(peer)).toList();
        assertThat(answers).containsExactly(true, true, true, true, false);
        now += 1_000_000_000L;
        assertThat(queries.allow(peer)).isTrue();
        assertThat(queries.allow(peer)).isFalse();
    }

    @Test
    void allTogetherHaveEightInASecondHoweverManyTheyAre() {
        assertThat(Stream.generate(InboxQueriesTest::peer).limit(20).filter(queries::allow))
                .hasSize(InboxQueries.OF_ALL);
        now += 1_000_000_000L;
        assertThat(Stream.generate(InboxQueriesTest::peer).limit(20).filter(queries::allow))
                .hasSize(InboxQueries.OF_ALL);
    }
}
