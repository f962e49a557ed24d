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
        DialSchedule schedule = new DialSchedule(maxUnderWay, NOW);
        schedule.add(ranked, NOW);
        return schedule;
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

    private static List<DialRanker.Ranked> names(long... after) {
        return LongStream.of(after)
                .mapToObj(a -> new DialRanker.Ranked(Multiaddr.parse("/memory/9" + a), a))
                .toList();
    }

    @Test
    void whatIsAddedLaterWaitsForItsTurnBehindTheAttemptUnderWay() {
        DialSchedule schedule = schedule(8, 0, DialRanker.PUBLIC_DELAY + 5);
        next(schedule, NOW);
        schedule.add(names(0, 10), NOW + 3);
        assertThat(schedule.wakeAt()).hasValue(NOW + DialRanker.PUBLIC_DELAY);
        assertThat(next(schedule, NOW + DialRanker.PUBLIC_DELAY)).isEqualTo("/memory/90");
        assertThat(schedule.wakeAt()).hasValue(NOW + DialRanker.PUBLIC_DELAY + 5);
        next(schedule, NOW + DialRanker.PUBLIC_DELAY + 5);
        assertThat(schedule.wakeAt()).hasValue(NOW + DialRanker.PUBLIC_DELAY + 10);
    }

    @Test
    void whatIsAddedWhileNothingIsUnderWayIsDueAtOnce() {
        DialSchedule schedule = schedule(8);
        schedule.add(names(7, 9), NOW + 1_000);
        assertThat(next(schedule, NOW + 1_000)).isEqualTo("/memory/97");
        assertThat(schedule.wakeAt()).hasValue(NOW + 1_002);
    }

    @Test
    void whatIsAddedLongAfterTheLastAttemptIsDueAtOnce() {
        DialSchedule schedule = schedule(8, 0);
        next(schedule, NOW);
        long late = NOW + 2 * DialRanker.PUBLIC_DELAY;
        schedule.add(names(0), late);
        assertThat(next(schedule, late)).isEqualTo("/memory/90");
    }

    @Test
    void withoutAddressesItIsOver() {
        assertThat(schedule(8).isOver()).isTrue();
    }
}
