package org.tutti.libp2p.host;

import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.time.Timer;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/// Time that a test moves second by second, each when the host has looked at its connections.
final class LookTimer implements Timer {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private final Semaphore looks = new Semaphore(0);

    /// Lets a second pass, and waits until the host has looked.
    ///
    /// @param over whether there may be nothing left to look at
    void tick(BooleanSupplier over) {
        looks.drainPermits();
        clock.advance(SECOND);
        while (!looks.tryAcquire() && !over.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    int pending() {
        return clock.pending();
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        clock.schedule(delay, task);
        if (delay.equals(SECOND)) {
            // The next look is set when this one is over.
            looks.release();
        }
    }

    @Override
    public void close() {
        clock.close();
    }
}
