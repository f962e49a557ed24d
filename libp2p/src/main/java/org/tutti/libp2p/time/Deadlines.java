package org.tutti.libp2p.time;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/// Drives a `DeadlineQueue` with a timer. Safe for all threads; the lock guards the queue and
/// `wakeScheduled`, and what expires runs outside it.
///
/// A wake-up is scheduled only while none is, and never cancelled: on a busy host, where nearly
/// every deadline is cancelled in time, the timer wakes once per length of the deadline.
public final class Deadlines {
    /// A deadline that was set.
    @FunctionalInterface
    public interface Deadline {
        /// Forgets it.
        ///
        /// @return false if it had expired before
        boolean cancel();
    }

    private final Timer timer;
    private final Duration length;
    private final DeadlineQueue queue;
    private boolean wakeScheduled;

    /// @param length of every deadline
    public Deadlines(Timer timer, Duration length) {
        this.timer = timer;
        this.length = length;
        this.queue = new DeadlineQueue(length.toNanos());
    }

    /// @param onExpiry returns at once; ends what took too long, for instance by closing a
    ///   connection
    public Deadline start(Runnable onExpiry) {
        DeadlineQueue.Entry entry;
        boolean schedule;
        synchronized (this) {
            entry = queue.add(timer.nanoTime(), onExpiry);
            schedule = !wakeScheduled;
            wakeScheduled = true;
        }
        if (schedule) {
            timer.schedule(length, this::wake);
        }
        return () -> {
            synchronized (this) {
                return queue.cancel(entry);
            }
        };
    }

    /// How many are running.
    synchronized int size() {
        return queue.size();
    }

    private void wake() {
        List<Runnable> due;
        OptionalLong next;
        long now = timer.nanoTime();
        synchronized (this) {
            due = queue.expire(now);
            next = queue.next();
            wakeScheduled = next.isPresent();
        }
        if (next.isPresent()) {
            timer.schedule(Duration.ofNanos(next.getAsLong() - now), this::wake);
        }
        due.forEach(Runnable::run);
    }
}
