package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.stream.LongStream;

class DialScheduleTest {
    private static final long NOW = -5;

    private static DialSchedule schedule(int maxUnderWay, long... after) {
        List<DialRanker.Ranked> ranked =
                LongStream.of(after)
                        .mapToObj(a -> new DialRanker.Ranked(Multiaddr.parse("/memory/" + a), a))
                        .toList();
        return new DialSchedule(ranked, maxUnderWay, NOW);
    }

    private static String next(DialSchedule schedule, long now) {
        return schedule.next(now).map(Multiaddr::toString).orElse("none");
    }

    @Test
    void eachAddressIsDialledAtItsTime() {
        DialSchedule schedule = schedule(8, 0, 250, 500);
        assertThat(next(schedule, NOW)).isEqualTo("/memory/0");
        assertThat(next(schedule, NOW)).isEqualTo("none");
        assertThat(schedule.wakeAt()).hasValue(NOW + 250);
        assertThat(next(schedule, NOW + 249)).isEqualTo("none");
        assertThat(next(schedule, NOW + 250)).isEqualTo("/memory/250");
        assertThat(next(schedule, NOW + 500)).isEqualTo("/memory/500");
        assertThat(schedule.wakeAt()).isEmpty();
        assertThat(schedule.isOver()).isFalse();
        for (int i = 0; i < 3; i++) {
            schedule.failed(NOW + 600);
        }
        assertThat(schedule.isOver()).isTrue();
    }

    @Test
    void afterAFailureTheNextDoesNotWaitAndTheOthersKeepTheirDistance() {
        DialSchedule schedule = schedule(8, 0, 250, 500);
        next(schedule, NOW);
        schedule.failed(NOW + 10);
        assertThat(next(schedule, NOW + 10)).isEqualTo("/memory/250");
        assertThat(next(schedule, NOW + 10)).isEqualTo("none");
        assertThat(schedule.wakeAt()).hasValue(NOW + 260);
    }

    @Test
    void aFailureLaterThanTheNextIsDueMovesNothing() {
        DialSchedule schedule = schedule(8, 0, 250, 500);
        next(schedule, NOW);
        schedule.failed(NOW + 300);
        assertThat(next(schedule, NOW + 300)).isEqualTo("/memory/250");
        assertThat(schedule.wakeAt()).hasValue(NOW + 500);
    }

    @Test
    void theFirstIsDueAtOnceWhateverItsRank() {
        assertThat(next(schedule(8, 500, 750), NOW)).isEqualTo("/memory/500");
    }

    @Test
    void attemptsUnderWayAreBounded() {
        DialSchedule schedule = schedule(2, 0, 1, 2);
        next(schedule, NOW);
        assertThat(next(schedule, NOW + 9)).isEqualTo("/memory/1");
        assertThat(next(schedule, NOW + 9)).isEqualTo("none");
        assertThat(schedule.wakeAt()).isEmpty();
        schedule.failed(NOW + 10);
        assertThat(next(schedule, NOW + 10)).isEqualTo("/memory/2");
        assertThat(schedule.underWay()).isEqualTo(2);
    }

    @Test
    void withoutAddressesItIsOver() {
        assertThat(schedule(8).isOver()).isTrue();
    }
}
