package org.tutti.libp2p.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.time.Deadlines.Deadline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class DeadlinesTest {
    private final ManualClock clock = new ManualClock();
    private final Deadlines deadlines = new Deadlines(clock, Duration.ofSeconds(10));
    private final List<String> expired = new ArrayList<>();

    private Deadline start(String name) {
        return deadlines.start(() -> expired.add(name));
    }

    private void advance(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    @Test
    void aDeadlineExpiresAtItsLengthAndNotBefore() {
        Deadline deadline = start("a");
        advance(9);
        assertThat(expired).isEmpty();
        advance(1);
        assertThat(expired).containsExactly("a");
        assertThat(deadline.cancel()).isFalse();
        assertThat(deadlines.size()).isZero();
    }

    @Test
    void aCancelledDeadlineDoesNotExpire() {
        Deadline deadline = start("a");
        advance(9);
        assertThat(deadline.cancel()).isTrue();
        assertThat(deadline.cancel()).isTrue();
        assertThat(deadlines.size()).isZero();
        advance(20);
        assertThat(expired).isEmpty();
    }

    @Test
    void eachDeadlineCountsFromItsOwnStart() {
        start("a");
        advance(4);
        Deadline b = start("b");
        advance(4);
        start("c");
        assertThat(b.cancel()).isTrue();
        advance(2);
        assertThat(expired).containsExactly("a");
        advance(8);
        assertThat(expired).containsExactly("a", "c");
    }

    @Test
    void theTimerIsAskedForOneWakeUpHoweverManyDeadlinesRun() {
        for (int i = 0; i < 100; i++) {
            start("d" + i).cancel();
        }
        start("last");
        assertThat(clock.pending()).isEqualTo(1);
        advance(10);
        assertThat(expired).containsExactly("last");
        assertThat(clock.pending()).isZero();
    }

    @Test
    void aDeadlineStartedWhileAnotherExpiresIsNotForgotten() {
        deadlines.start(() -> start("next"));
        advance(10);
        advance(10);
        assertThat(expired).containsExactly("next");
    }
}
