package org.tutti.libp2p.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

class CountersTest {
    private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");

    private final Counters counters = new Counters();

    @Test
    void timesAreSummedByOutcomeAndTheLongestIsKept() {
        counters.dialEnded(ADDRESS, Duration.ofMillis(20), Metrics.OK);
        counters.dialEnded(ADDRESS, Duration.ofMillis(50), Metrics.OK);
        counters.dialEnded(ADDRESS, Duration.ofMillis(30), Metrics.OK);
        counters.dialEnded(ADDRESS, Duration.ofSeconds(10), "TIMEOUT");
        assertThat(counters.snapshot().dials())
                .isEqualTo(
                        Map.of(
                                "OK",
                                new Counters.Timed(
                                        3, Duration.ofMillis(100), Duration.ofMillis(50)),
                                "TIMEOUT",
                                new Counters.Timed(
                                        1, Duration.ofSeconds(10), Duration.ofSeconds(10))));
        assertThat(counters.snapshot().handshakes()).isEmpty();
    }

    @Test
    void streamsAndTheirBytesAreSummedByProtocol() {
        counters.streamOpened("/echo/1", true);
        counters.streamOpened("/echo/1", false);
        counters.streamClosed("/echo/1", true, 10, 20);
        counters.streamOpened("/other/1", false);
        assertThat(counters.snapshot().streams())
                .isEqualTo(
                        Map.of(
                                "/echo/1", new Counters.Streams(2, 1, 10, 20),
                                "/other/1", new Counters.Streams(1, 0, 0, 0)));
    }

    @Test
    void namesBeyondTheBoundAreCountedTogether() {
        for (int i = 0; i < 10_000; i++) {
            counters.refused("reason " + i);
        }
        Map<String, Long> refused = counters.snapshot().refused();
        assertThat(refused).hasSize(Counters.MAX_NAMES + 1);
        assertThat(refused.get(Counters.OTHER)).isEqualTo(10_000 - Counters.MAX_NAMES);
    }

    @Test
    void refusalsOfHostStatsAreSortedAndDoNotChangeAfterwards() {
        Map<String, Long> counts = new HashMap<>(Map.of("b", 2L, "a", 1L));
        HostStats stats = new HostStats(1, 2, 3, 4, counts);
        counts.put("c", 3L);
        assertThat(stats.refused().keySet()).containsExactly("a", "b");
        assertThat(stats.refusedInAll()).isEqualTo(3);
    }
}
