package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.internal.time.Timeouts;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One direction of a connection: a ring of bytes. The lock guards everything; readers wait for
/// bytes and writers for space under it, as conditions do.
final class MemoryPipe {
    private final int chunk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final byte[] ring = new byte[MemoryNetwork.WINDOW];
    private int start;
    private int count;
    private boolean ended;
    private boolean aborted;

    MemoryPipe(int chunk) {
        this.chunk = chunk;
    }

    /// @param timeoutNanos `Timeouts.FOREVER` for none
    int read(byte[] target, int offset, int length, long timeoutNanos) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            awaitBytes(timeoutNanos);
            if (count == 0) {
                return -1;
            }
            int taken = Math.min(Math.min(length, count), chunk);
            for (int i = 0; i < taken; i++) {
                target[offset + i] = ring[(start + i) % ring.length];
            }
            start = (start + taken) % ring.length;
            count -= taken;
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void awaitBytes(long timeoutNanos) throws IOException {
        long left = timeoutNanos;
        while (count == 0 && !ended) {
            if (aborted) {
                throw new SocketException("connection closed");
            }
            if (left <= 0) {
                throw new SocketTimeoutException("nothing to read in time");
            }
            left = await(left);
        }
        if (aborted) {
            throw new SocketException("connection closed");
        }
    }

    void write(byte[] source, int offset, int length) throws IOException {
        lock.lock();
        try {
            int done = 0;
            while (done < length) {
                if (ended || aborted) {
                    throw new SocketException("connection closed");
                }
                int room = Math.min(length - done, ring.length - count);
                for (int i = 0; i < room; i++) {
                    ring[(start + count + i) % ring.length] = source[offset + done + i];
                }
                count += room;
                done += room;
                changed.signalAll();
                if (done < length) {
                    await(Timeouts.FOREVER);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private long await(long nanos) throws InterruptedIOException {
        try {
            if (nanos == Timeouts.FOREVER) {
                changed.await();
                return nanos;
            }
            return changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// The writer has gone: the reader gets what is left, then the end.
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The reader has gone: nobody reads or writes any more.
    void abort() {
        lock.lock();
        try {
            aborted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
