package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.swarm.RedundantConnections.Seen;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class RedundantConnectionsTest {
    private static final long IDLE = 10;
    private static final Seen<String> USED = new Seen<>("used", 0, 3);

    private final RedundantConnections<String> engine = new RedundantConnections<>();

    private List<String> look(long now, int streams, long opened) {
        return engine.look(
                List.of(USED, new Seen<>("other", streams, opened)),
                Optional.of("used"),
                IDLE,
                now);
    }

    @Test
    void whatIsNotPreferredAndIdleForTenSecondsGoes() {
        assertThat(look(0, 0, 1)).isEmpty();
        assertThat(look(9, 0, 1)).isEmpty();
        assertThat(look(10, 0, 1)).containsExactly("other");
    }

    @Test
    void aStreamKeepsIt() {
        assertThat(look(0, 0, 1)).isEmpty();
        assertThat(look(10, 1, 2)).isEmpty();
        assertThat(look(20, 1, 2)).isEmpty();
        assertThat(look(30, 0, 2)).isEmpty();
        assertThat(look(40, 0, 2)).containsExactly("other");
    }

    @Test
    void aStreamBetweenTwoLooksKeepsItToo() {
        assertThat(look(0, 0, 1)).isEmpty();
        assertThat(look(10, 0, 2)).isEmpty();
        assertThat(look(19, 0, 2)).isEmpty();
        assertThat(look(20, 0, 2)).containsExactly("other");
    }

    @Test
    void thePreferredOneStaysAndSoDoesTheOtherWhereItBecomesPreferred() {
        look(0, 0, 1);
        assertThat(
                        engine.look(
                                List.of(USED, new Seen<>("other", 0, 1)),
                                Optional.of("other"),
                                IDLE,
                                10))
                .isEmpty();
        assertThat(look(11, 0, 1)).isEmpty();
        assertThat(engine.look(List.of(USED), Optional.empty(), IDLE, 100)).isEmpty();
    }

    @Test
    void theTwoEndsDoNotCloseAtTheSameTime() {
        PeerId one = MemoryHosts.key().publicKey().peerId();
        PeerId other = MemoryHosts.key().publicKey().peerId();
        assertThat(List.of(Retirement.idle(one, other), Retirement.idle(other, one)))
                .containsExactlyInAnyOrder(Duration.ofSeconds(10), Duration.ofSeconds(20));
    }

    @Test
    void whatHasEndedIsForgotten() {
        look(0, 0, 1);
        assertThat(engine.size()).isEqualTo(1);
        engine.remove("other");
        assertThat(engine.size()).isZero();
    }
}
