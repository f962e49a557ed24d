package org.tutti.libp2p.time;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The system's time, and a platform thread: what a peer sends may keep every carrier of virtual
/// threads busy for a while, and deadlines are what ends it.
final class SystemTimer implements Timer {
    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon(true).name("libp2p-timer").factory());

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // tasks do not fail, and closing forgets them
    public void schedule(Duration delay, Runnable task) {
        try {
            executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: whoever set the deadline is being closed as well.
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
