package org.tutti.libp2p.internal.memory;

import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.MemoryScope.Priority;

import java.io.InterruptedIOException;
import java.time.Duration;

/// What the buffers of one connection hold of its [MemoryScope], given back when it is closed. Safe
/// for all threads.
public final class BufferMemory {
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int MAX_POLLS = 100;

    private final MemoryScope scope;
    private long used;
    private boolean closed;

    public BufferMemory(MemoryScope scope) {
        this.scope = scope;
    }

    /// Reserves so many bytes more.
    ///
    /// @return false if the budget is used up, or the connection is closed
    public synchronized boolean grow(long bytes, Priority priority) {
        if (closed || !scope.reserve(bytes, priority)) {
            return false;
        }
        used += bytes;
        return true;
    }

    /// Reserves so many bytes more, and waits a moment for others to give some back.
    ///
    /// @return false if the budget is used up, or the connection is closed
    public boolean await(long bytes) throws InterruptedIOException {
        for (int i = 0; i < MAX_POLLS; i++) {
            if (grow(bytes, Priority.NEEDED)) {
                return true;
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
        return false;
    }

    /// Gives back so many.
    public synchronized void shrink(long bytes) {
        if (!closed) {
            used -= bytes;
            scope.release(bytes);
        }
    }

    /// Gives everything back. Idempotent.
    public synchronized void close() {
        if (!closed) {
            closed = true;
            scope.release(used);
        }
    }
}
