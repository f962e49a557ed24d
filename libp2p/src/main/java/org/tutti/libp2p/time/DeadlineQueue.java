package org.tutti.libp2p.time;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Deadlines that all have the same length, so that they expire in the order in which they were
/// set: setting and cancelling one costs a few pointer writes. A pure engine; not safe for threads.
final class DeadlineQueue {
    /// One deadline: a link of the queue.
    static final class Entry {
        private final long expiresAt;
        private @Nullable Runnable onExpiry;
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private boolean expired;

        private Entry(long expiresAt, Runnable onExpiry) {
            this.expiresAt = expiresAt;
            this.onExpiry = onExpiry;
        }
    }

    private final long lengthNanos;
    private @Nullable Entry head;
    private @Nullable Entry tail;
    private int size;

    DeadlineQueue(long lengthNanos) {
        this.lengthNanos = lengthNanos;
    }

    int size() {
        return size;
    }

    /// @param now nanoseconds, never less than at an earlier call
    Entry add(long now, Runnable onExpiry) {
        Entry entry = new Entry(now + lengthNanos, onExpiry);
        entry.previous = tail;
        if (tail == null) {
            head = entry;
        } else {
            tail.next = entry;
        }
        tail = entry;
        size++;
        return entry;
    }

    /// Forgets the deadline.
    ///
    /// @return false if it had expired before
    boolean cancel(Entry entry) {
        if (entry.onExpiry != null) {
            unlink(entry);
        }
        return !entry.expired;
    }

    /// When the first deadline expires.
    OptionalLong next() {
        return head == null ? OptionalLong.empty() : OptionalLong.of(head.expiresAt);
    }

    /// Takes out what has expired at `now`.
    List<Runnable> expire(long now) {
        List<Runnable> due = new ArrayList<>();
        while (head != null && head.expiresAt - now <= 0) {
            Entry entry = head;
            entry.expired = true;
            if (entry.onExpiry != null) {
                due.add(entry.onExpiry);
            }
            unlink(entry);
        }
        return due;
    }

    private void unlink(Entry entry) {
        if (entry.previous == null) {
            head = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            tail = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
        entry.onExpiry = null;
        size--;
    }
}
