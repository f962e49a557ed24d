package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.time.Timer;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// A timer for a few tasks: a thread sleeps for each of them and then runs it. It has nothing to
/// close, so its owner needs no end.
///
/// A task may run early, when its thread is woken: `Deadlines` then schedules the rest of the time.
record SleepingTimer(ThreadFactory threads, LongSupplier nanoClock) implements Timer {
    @Override
    public long nanoTime() {
        return nanoClock.getAsLong();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        threads.newThread(
                        () -> {
                            LockSupport.parkNanos(this, delay.toNanos());
                            task.run();
                        })
                .start();
    }

    @Override
    public void close() {}
}
