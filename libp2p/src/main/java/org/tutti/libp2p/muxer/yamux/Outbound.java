package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The way out of a connection, on which frames of many threads are combined.
///
/// At most one thread at a time is the *writer*: it alone touches the connection, without holding
/// the lock. Meanwhile the others leave small frames in `pending`, which the writer takes along
/// before it steps down. Every method must be called with the connection's lock held.
final class Outbound {
    private static final int START_CAPACITY = 256;

    /// Larger buffers are not kept.
    private static final int MAX_SPARE = 4096;

    private final SecureConnection connection;
    private final ReentrantLock lock;
    private final Condition changed;
    private final int maxPending;

    private byte[] pending = new byte[START_CAPACITY];
    private byte[] spare = new byte[START_CAPACITY];
    private int pendingLength;
    private boolean writing;

    /// Header of the writer's direct frame.
    private final byte[] head = new byte[Header.SIZE];

    Outbound(SecureConnection connection, ReentrantLock lock, int maxPending) {
        this.connection = connection;
        this.lock = lock;
        this.changed = lock.newCondition();
        this.maxPending = maxPending;
    }

    boolean isWriting() {
        return writing;
    }

    boolean hasPending() {
        return pendingLength > 0;
    }

    /// Whether this many bytes may still be left in `pending`.
    boolean hasRoomFor(int bytes) {
        return pendingLength + bytes <= maxPending;
    }

    /// Whether control frames fill their bound, even if the rest of `pending` is one data frame.
    boolean isFlooded(int maxFrame) {
        return pendingLength > maxPending + maxFrame + Header.SIZE;
    }

    /// Signalled when the writer has made progress or stepped down.
    Condition changed() {
        return changed;
    }

    /// Leaves a frame without payload.
    void add(Header header) {
        ensureCapacity(Header.SIZE);
        header.encode(pending, pendingLength);
        pendingLength += Header.SIZE;
    }

    /// Leaves a frame with payload; the bytes are copied.
    void add(Header header, byte[] payload, int offset) {
        ensureCapacity(Header.SIZE + header.length());
        header.encode(pending, pendingLength);
        System.arraycopy(payload, offset, pending, pendingLength + Header.SIZE, header.length());
        pendingLength += Header.SIZE + header.length();
    }

    private void ensureCapacity(int more) {
        if (pendingLength + more > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(pendingLength + more, 2 * pending.length));
        }
    }

    /// Becomes the writer. The caller must end with `writePending` or `stepDown`.
    void stepUp() {
        if (writing) {
            throw new IllegalStateException("somebody else is writing");
        }
        writing = true;
    }

    /// As the writer: hands what is pending and then a frame to the connection, which may keep them
    /// back until `writePending`.
    void append(Header header, byte[] payload, int offset) throws IOException {
        byte[] data = pending;
        int length = takePending();
        header.encode(head, 0);
        lock.unlock();
        try {
            if (length > 0) {
                connection.append(data, 0, length);
            }
            connection.append(head, 0, Header.SIZE);
            connection.append(payload, offset, header.length());
        } finally {
            lock.lock();
            giveBack(data, length);
        }
    }

    /// As the writer: writes everything that is left, also what comes meanwhile, and steps down.
    void writePending() throws IOException {
        try {
            do {
                byte[] data = pending;
                int length = takePending();
                lock.unlock();
                try {
                    connection.append(data, 0, length);
                    connection.flush();
                } finally {
                    lock.lock();
                    giveBack(data, length);
                    changed.signalAll();
                }
            } while (pendingLength > 0);
        } finally {
            stepDown();
        }
    }

    private int takePending() {
        int length = pendingLength;
        if (length > 0) {
            pending = spare;
            pendingLength = 0;
        }
        return length;
    }

    private void giveBack(byte[] data, int length) {
        if (length > 0) {
            spare = data.length <= MAX_SPARE ? data : new byte[START_CAPACITY];
        }
    }

    /// Drops what is left, because the connection is broken.
    void clear() {
        pendingLength = 0;
    }

    void stepDown() {
        writing = false;
        changed.signalAll();
    }

    /// Waits until nobody writes and nothing is left, but not for long.
    void awaitIdle(long nanos) throws InterruptedException {
        long left = nanos;
        while ((writing || pendingLength > 0) && left > 0) {
            left = changed.awaitNanos(left);
        }
    }

    @Override
    public String toString() {
        return pendingLength + " bytes pending" + (writing ? ", writing" : "");
    }
}
