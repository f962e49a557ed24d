package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.node.events.NodeEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

class RefusedConnectionsTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private final RefusedConnections refused = new RefusedConnections();

    private Optional<Long> count(String code, Duration after) {
        return refused.refused(
                        new SwarmEvent.InboundRefused(
                                Multiaddr.parse("/ip4/192.0.2.1/tcp/1"), code, "why"),
                        START.plus(after))
                .map(NodeEvent.InboundRefused::count);
    }

    @Test
    void theFirstIsToldAtOnceAndTheNextOnesOnceAMinuteWithTheirNumber() {
        assertThat(count("GATED", Duration.ZERO)).contains(1L);
        for (int i = 1; i < 60; i++) {
            assertThat(count("GATED", Duration.ofSeconds(i))).isEmpty();
        }
        assertThat(count("GATED", RefusedConnections.INTERVAL)).contains(60L);
        assertThat(count("GATED", RefusedConnections.INTERVAL)).isEmpty();
        assertThat(count("GATED", RefusedConnections.INTERVAL.multipliedBy(3))).contains(2L);
    }

    @Test
    void eachCodeIsToldForItself() {
        assertThat(count("GATED", Duration.ZERO)).contains(1L);
        assertThat(count("TOO_MANY", Duration.ZERO)).contains(1L);
    }

    @Test
    void aClockThatIsSetBackSilencesNothing() {
        assertThat(count("GATED", Duration.ofDays(1))).contains(1L);
        assertThat(count("GATED", Duration.ZERO)).contains(1L);
    }

    @Test
    void codesWithoutEndFillNoMemory() {
        for (int i = 0; i < 64; i++) {
            assertThat(count("CODE" + i, Duration.ZERO)).contains(1L);
        }
        assertThat(count("CODE64", Duration.ZERO)).isEmpty();
    }
}
