package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.muxer.StreamResetException;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.locks.Condition;

/// What the application does with its streams, on its own threads: it waits for data and for room,
/// and writes to the connection itself.
final class StreamIo {
    private final YamuxConnection connection;

    StreamIo(YamuxConnection connection) {
        this.connection = connection;
    }

    int read(YamuxStream stream, byte[] target, int offset, int length) throws IOException {
        connection.lock.lock();
        try {
            if (stream.received.size() == 0) {
                awaitData(stream);
            }
            int count = stream.received.take(target, offset, length);
            if (count == 0) {
                return -1;
            }
            replenish(stream, count);
            return count;
        } finally {
            connection.lock.unlock();
        }
    }

    private void replenish(YamuxStream stream, int count) {
        if (connection.closeReason == null) {
            try {
                connection.enqueue(
                        connection.engine.consumed(stream.streamId, count, connection.now()));
            } catch (IOException e) {
                // What was read is good; the next read says that the connection is broken.
            }
        }
    }

    /// Returns with data in the buffer, or without at the end of the stream.
    private void awaitData(YamuxStream stream) throws IOException {
        // Nobody has heard of the stream, or of our consent to it, if we wait before we ever wrote.
        connection.enqueue(
                connection.closeReason == null
                        ? connection.engine.announce(stream.streamId)
                        : List.of());
        long deadline = deadline(stream.readTimeout);
        try {
            while (stream.received.size() == 0) {
                requireAlive(stream);
                if (stream.remoteEnded || stream.readClosed) {
                    return;
                }
                connection.requireOpen();
                requireTime(deadline, "nothing to read in time");
                stream.readDeadline = deadline;
                awaitUntil(stream.readable, deadline);
            }
        } finally {
            stream.readDeadline = Conditions.NEVER;
        }
    }

    private long deadline(long timeoutNanos) {
        return timeoutNanos == Conditions.NEVER
                ? Conditions.NEVER
                : connection.now() + timeoutNanos;
    }

    private void requireTime(long deadline, String otherwise) throws SocketTimeoutException {
        if (deadline != Conditions.NEVER && connection.now() - deadline >= 0) {
            throw new SocketTimeoutException(otherwise);
        }
    }

    /// One wait, which may end for no reason. The time-keeper ends it at the deadline, which the
    /// stream must show: a timed wait would wake one more thread for every read.
    private void awaitUntil(Condition condition, long deadline) throws IOException {
        if (deadline != Conditions.NEVER && deadline - connection.nextWake < 0) {
            connection.nextWake = deadline;
            connection.closed.signal();
        }
        Conditions.await(condition, Conditions.NEVER);
    }

    /// @param last whether our direction ends with this; its end is written along with the bytes
    void write(YamuxStream stream, byte[] source, int offset, int length, boolean last)
            throws IOException {
        connection.lock.lock();
        boolean writer = false;
        try {
            int from = offset;
            int end = offset + length;
            long deadline = deadline(stream.writeTimeout);
            stream.writeDeadline = deadline;
            while (from < end) {
                requireWritable(stream);
                if (!writer
                        && connection.outbound.isWriting()
                        && !connection.outbound.hasRoomFor(connection.config.maxFrame())) {
                    requireTime(deadline, "the connection does not take data in time");
                    awaitUntil(connection.outbound.changed(), deadline);
                    continue;
                }
                Header header = connection.engine.write(stream.streamId, end - from);
                if (header == null) {
                    if (writer) {
                        writer = false;
                        connection.writePending();
                    } else {
                        requireTime(deadline, "the remote does not read in time");
                        awaitUntil(stream.writable, deadline);
                    }
                    continue;
                }
                if (!writer && connection.outbound.isWriting()) {
                    connection.outbound.add(header, source, from);
                } else {
                    if (!writer) {
                        connection.outbound.stepUp();
                        writer = true;
                    }
                    append(header, source, from);
                }
                from += header.length();
            }
            if (last) {
                requireWritable(stream);
                end(stream);
                if (!writer && !connection.outbound.isWriting()) {
                    connection.outbound.stepUp();
                    writer = true;
                }
            }
        } finally {
            stream.writeDeadline = Conditions.NEVER;
            try {
                if (writer) {
                    connection.writePending();
                }
            } finally {
                connection.lock.unlock();
            }
        }
    }

    void closeWrite(YamuxStream stream) throws IOException {
        connection.lock.lock();
        try {
            if (stream.localEnded || stream.failure != null) {
                return;
            }
            if (connection.closeReason == null) {
                end(stream);
                // Nobody waits for it, and it may find company on the way.
                connection.writeElsewhere();
            } else {
                stream.localEnded = true;
            }
        } finally {
            connection.lock.unlock();
        }
    }

    /// With the lock held, on an open connection: leaves the end of our direction to be written.
    private void end(YamuxStream stream) {
        stream.localEnded = true;
        stream.writable.signalAll();
        connection
                .engine
                .closeWrite(stream.streamId, connection.now())
                .forEach(connection::perform);
        connection.forgetIfDone(stream);
    }

    void closeRead(YamuxStream stream) {
        connection.lock.lock();
        try {
            if (!stream.readClosed) {
                stream.readClosed = true;
                stream.received.clear();
                stream.readable.signalAll();
                connection.engine.closeRead(stream.streamId, connection.now());
            }
        } finally {
            connection.lock.unlock();
        }
    }

    void reset(YamuxStream stream) {
        connection.lock.lock();
        try {
            if (stream.failure == null && connection.closeReason == null) {
                connection.enqueue(connection.engine.reset(stream.streamId, "we reset the stream"));
            }
        } catch (IOException e) {
            // The connection is gone, and the stream with it.
        } finally {
            connection.lock.unlock();
        }
    }

    private void append(Header header, byte[] source, int from) throws IOException {
        connection.writeStartedAt = connection.now() | 1;
        try {
            connection.outbound.append(header, source, from);
        } catch (IOException e) {
            throw connection.broken(e);
        } finally {
            connection.writeStartedAt = 0;
        }
    }

    private static void requireAlive(YamuxStream stream) throws StreamResetException {
        YamuxStream.Failure failure = stream.failure;
        if (failure != null) {
            throw new StreamResetException(
                    failure.byRemote(), failure.errorCode(), failure.detail());
        }
    }

    private void requireWritable(YamuxStream stream) throws IOException {
        requireAlive(stream);
        connection.requireOpen();
        if (stream.localEnded) {
            throw new IOException("write after closeWrite");
        }
    }
}
