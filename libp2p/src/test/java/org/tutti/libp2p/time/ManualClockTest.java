package org.tutti.libp2p.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class ManualClockTest {
    private static final Instant START = Instant.parse("2030-05-01T12:00:00Z");

    private final ManualClock clock = new ManualClock(START);
    private final List<String> ran = new ArrayList<>();

    private void schedule(int seconds, String name) {
        clock.schedule(
                Duration.ofSeconds(seconds),
                () -> ran.add(name + "@" + Duration.ofNanos(clock.nanoTime()).toSeconds()));
    }

    @Test
    void timeStandsStillUntilItIsAdvanced() {
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock.nanoTime()).isZero();
        clock.advance(Duration.ofMillis(1500));
        assertThat(clock.instant()).isEqualTo(START.plusMillis(1500));
        assertThat(clock.nanoTime()).isEqualTo(1_500_000_000);
    }

    @Test
    void tasksRunAtTheirOwnTimeAndInTheOrderOfTheirTimes() {
        schedule(3, "late");
        schedule(1, "early");
        schedule(1, "early too");
        schedule(5, "never");
        clock.advance(Duration.ofSeconds(4));
        assertThat(ran).containsExactly("early@1", "early too@1", "late@3");
        assertThat(clock.pending()).isEqualTo(1);
        assertThat(clock.nanoTime()).isEqualTo(4_000_000_000L);
    }

    @Test
    void aTaskThatSchedulesAnotherIsFollowedWithinTheSameAdvance() {
        clock.schedule(Duration.ofSeconds(1), () -> schedule(1, "second"));
        clock.advance(Duration.ofSeconds(2));
        assertThat(ran).containsExactly("second@2");
    }

    @Test
    void closingForgetsWhatWasScheduled() {
        schedule(1, "forgotten");
        clock.close();
        clock.advance(Duration.ofSeconds(2));
        assertThat(ran).isEmpty();
    }

    @Test
    void whoeverWaitsForATaskIsToldWhenItIsThereAndWhenItIsNot() throws Exception {
        Thread scheduler = Thread.startVirtualThread(() -> schedule(1, "x"));
        clock.awaitPending(1, Duration.ofSeconds(20));
        scheduler.join();
        assertThatThrownBy(() -> clock.awaitPending(2, Duration.ofMillis(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("1 tasks are waiting, not 2");
    }
}
