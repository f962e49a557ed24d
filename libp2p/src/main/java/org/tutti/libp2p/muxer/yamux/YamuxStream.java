package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxedStream;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One stream as the application holds it. The fields belong to the connection's lock, except where
/// they say otherwise; the work is done in `YamuxConnection`.
final class YamuxStream implements MuxedStream {
    private final YamuxConnection connection;
    final int streamId;
    private final boolean inbound;

    final ReceiveBuffer received = new ReceiveBuffer();
    final Condition readable;
    final Condition writable;
    boolean remoteEnded;
    boolean localEnded;
    boolean readClosed;
    @Nullable Failure failure;

    /// Until when somebody waits here, in the connection's time; `NEVER` without a deadline.
    long readDeadline = Conditions.NEVER;

    long writeDeadline = Conditions.NEVER;

    /// Two readers or two writers at once would mix up bytes: they take turns.
    final ReentrantLock readTurn = new ReentrantLock();

    final ReentrantLock writeTurn = new ReentrantLock();

    // Set by any thread, seen by the next read or write.
    volatile long readTimeout = Long.MAX_VALUE;
    volatile long writeTimeout = Long.MAX_VALUE;

    /// Why the stream is gone.
    record Failure(boolean byRemote, long errorCode, String detail) {}

    YamuxStream(YamuxConnection connection, ReentrantLock lock, int streamId, boolean inbound) {
        this.connection = connection;
        this.streamId = streamId;
        this.inbound = inbound;
        this.readable = lock.newCondition();
        this.writable = lock.newCondition();
    }

    /// With the lock held: wakes everybody who waits for this stream.
    void signalAll() {
        readable.signalAll();
        writable.signalAll();
    }

    @Override
    public long id() {
        return Integer.toUnsignedLong(streamId);
    }

    @Override
    public boolean isInbound() {
        return inbound;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        readTurn.lock();
        try {
            return connection.io().read(this, target, offset, length);
        } finally {
            readTurn.unlock();
        }
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        writeTurn.lock();
        try {
            connection.io().write(this, source, offset, length, false);
        } finally {
            writeTurn.unlock();
        }
    }

    @Override
    public void writeLast(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        writeTurn.lock();
        try {
            connection.io().write(this, source, offset, length, true);
        } finally {
            writeTurn.unlock();
        }
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        readTimeout = nanos(timeout);
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        writeTimeout = nanos(timeout);
    }

    private static long nanos(Duration timeout) {
        return timeout.isZero() ? Long.MAX_VALUE : Math.max(1, timeout.toNanos());
    }

    @Override
    public void closeWrite() throws IOException {
        connection.io().closeWrite(this);
    }

    @Override
    public void closeRead() {
        connection.io().closeRead(this);
    }

    @Override
    public void reset() {
        connection.io().reset(this);
    }

    @Override
    public void close() {
        try {
            closeWrite();
        } catch (IOException e) {
            // The connection is gone, and the stream with it.
        }
        closeRead();
    }

    @Override
    public String toString() {
        return "yamux stream " + id() + (inbound ? " (inbound)" : " (outbound)");
    }
}
