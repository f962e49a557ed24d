package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.SplittableRandom;

class BackoffTest {
    @Test
    void theWaitDoublesUpToItsCapAndIsShortAgainAfterSuccess() {
        Backoff backoff =
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new SplittableRandom(1));
        for (long full : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            assertThat(backoff.next().toMillis()).isBetween(full / 2, full);
        }
        backoff.reset();
        assertThat(backoff.next().toMillis()).isBetween(50L, 100L);
    }

    @Test
    void theSameSeedWaitsTheSame() {
        Backoff one =
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), new SplittableRandom(7));
        Backoff other =
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), new SplittableRandom(7));
        for (int i = 0; i < 50; i++) {
            assertThat(one.next()).isEqualTo(other.next());
        }
    }
}
