package org.tutti.libp2p.internal.time;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The virtual threads of a swarm, counted, so that closing can wait for them. Safe for all
/// threads.
public final class Tasks {
    private final AtomicInteger running = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private volatile boolean awaited;

    /// Runs the task on a new virtual thread.
    ///
    /// @param name for thread dumps
    public void start(String name, Runnable task) {
        running.incrementAndGet();
        Thread.ofVirtual()
                .name(name)
                .start(() -> {
                    try {
                        task.run();
                    } finally {
                        ended();
                    }
                });
    }

    private void ended() {
        if (running.decrementAndGet() == 0 && awaited) {
            lock.lock();
            try {
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// How many threads are running.
    public int running() {
        return running.get();
    }

    /// Waits until no thread runs.
    ///
    /// @return false if some still ran after `timeout`
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        // Set before the count is read: a thread that ends after that sees it and signals.
        awaited = true;
        lock.lock();
        try {
            while (running.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                left = idle.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
