package org.tutti.libp2p.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/// Time that stands still until `advance`: as an `InstantSource`, and as the timer of a host. Safe
/// for all threads; the lock guards everything, and tasks run outside it, in the thread that
/// advances.
public final class ManualClock implements InstantSource, Timer {
    private record Task(long at, long order, Runnable action) {}

    private final Instant start;
    private long elapsed;
    private long scheduled;
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));

    /// Starts at 2026-01-01T00:00:00Z.
    public ManualClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /// Starts at `start`.
    public ManualClock(Instant start) {
        this.start = start;
    }

    @Override
    public synchronized Instant instant() {
        return start.plusNanos(elapsed);
    }

    @Override
    public synchronized long nanoTime() {
        return elapsed;
    }

    @Override
    public synchronized void schedule(Duration delay, Runnable task) {
        tasks.add(new Task(elapsed + Math.max(0, delay.toNanos()), scheduled++, task));
        notifyAll();
    }

    /// Moves time on, and runs the tasks whose time comes, each at its own time.
    public void advance(Duration by) {
        long end;
        synchronized (this) {
            end = elapsed + by.toNanos();
        }
        while (true) {
            List<Runnable> due = new ArrayList<>();
            synchronized (this) {
                Task next = tasks.peek();
                if (next == null || next.at > end) {
                    elapsed = end;
                    return;
                }
                elapsed = Math.max(elapsed, next.at);
                due.add(tasks.remove().action);
            }
            due.forEach(Runnable::run);
        }
    }

    /// Waits, in real time, until at least so many tasks wait for theirs: what a test must know
    /// before it advances.
    ///
    /// @throws IllegalStateException if it does not happen within `limit` of real time
    public synchronized void awaitPending(int count, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (tasks.size() < count) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException(tasks.size() + " tasks are waiting, not " + count);
            }
            wait(left);
        }
    }

    /// How many tasks wait for their time.
    public synchronized int pending() {
        return tasks.size();
    }

    @Override
    public synchronized void close() {
        tasks.clear();
    }
}
