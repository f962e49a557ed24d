package org.tutti.libp2p.time;

import java.time.Duration;

/// Where a swarm gets its time from: the system, or a clock that a test moves.
public interface Timer extends AutoCloseable {
    /// Nanoseconds since some fixed moment; never goes back.
    long nanoTime();

    /// Runs the task once, after the delay, on a thread of the timer's. The task returns at once.
    /// Ignored after `close`.
    void schedule(Duration delay, Runnable task);

    /// Forgets every task.
    @Override
    void close();

    /// The system's time, with one platform thread that sleeps until the next task.
    static Timer system() {
        return new SystemTimer();
    }
}
