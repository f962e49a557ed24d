package org.tutti.base;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before dialling again: doubled after every failure up to a cap, with jitter so
/// that many clients of one peer do not come back in step.
///
/// Not thread-safe; the dialling thread of one peer owns it.
public final class Backoff {
    private final Duration first;
    private final Duration cap;
    private final RandomGenerator random;
    private int failures;

    /// @param first wait after the first failure, before jitter
    /// @param cap longest wait, before jitter
    public Backoff(Duration first, Duration cap, RandomGenerator random) {
        this.first = first;
        this.cap = cap;
        this.random = random;
    }

    /// A connection worked: the next failure counts as the first.
    public void reset() {
        failures = 0;
    }

    /// The wait after one more failure: between half and all of the doubled time.
    public Duration next() {
        long full = Math.min(cap.toMillis(), first.toMillis() << Math.min(failures, 20));
        failures++;
        return Duration.ofMillis(full / 2 + random.nextLong(full / 2 + 1));
    }
}
