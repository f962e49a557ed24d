package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.internal.time.DeadlineStream;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.PubsubFormatException.Code;
import org.tutti.libp2p.swarm.Stream;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/// Reads RPCs, each with its length before it, from a stream that carries nothing else: with a
/// buffer, so that several that came together take one read. For one thread.
///
/// Between RPCs a peer may be silent for as long as it likes; one that has begun must come whole in
/// time, and while it does, what it takes counts with those of all other peers.
final class RpcReader implements AutoCloseable {
    /// How long an RPC may take to come whole.
    static final Duration MAX_TIME = Duration.ofSeconds(30);

    private static final int BUFFER = 16 * 1024;

    private final DeadlineStream stream;
    private final int maxLength;
    private final UnfinishedRpcs unfinished;
    private final UnfinishedRpcs.Unfinished current;
    private boolean hasDeadline;
    private final byte[] buffer = new byte[BUFFER];
    private int from;
    private int to;

    /// @param nanoClock monotonic
    RpcReader(Stream stream, int maxLength, UnfinishedRpcs unfinished, LongSupplier nanoClock) {
        this.stream = new DeadlineStream(stream, nanoClock);
        this.stream.setReadTimeout(Duration.ZERO);
        this.maxLength = maxLength;
        this.unfinished = unfinished;
        this.current = new UnfinishedRpcs.Unfinished(stream.remotePeer(), stream::reset);
    }

    /// The next one, as its bytes; null if the stream ends before it.
    ///
    /// @throws PubsubFormatException if it is longer than it may be
    /// @throws java.net.SocketTimeoutException if it began and did not come whole in time
    byte @Nullable [] next() throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            if (from == to && !(shift == 0 ? fill() : fillInTime())) {
                if (shift == 0) {
                    return null;
                }
                throw new EOFException("the stream ends within a length");
            }
            byte next = buffer[from++];
            if (shift == 28 && (next > 7 || next < 0)) {
                throw new PubsubFormatException(Code.TOO_LARGE, "an RPC of more than 2 GiB");
            }
            length |= (next & 0x7f) << shift;
            if (next >= 0) {
                break;
            }
        }
        if (length > maxLength) {
            throw new PubsubFormatException(
                    Code.TOO_LARGE, "an RPC of " + length + " bytes, at most " + maxLength);
        }
        byte[] body = body(length);
        if (hasDeadline) {
            hasDeadline = false;
            stream.release();
        }
        if (length > BUFFER) {
            unfinished.ended(current);
        }
        return body;
    }

    /// Takes memory only as bytes arrive, so that announcing a long one costs nothing here.
    private byte[] body(int length) throws IOException {
        byte[] body = new byte[Math.min(length, BUFFER)];
        int filled = 0;
        while (filled < length) {
            if (filled == body.length) {
                int larger = (int) Math.min(length, 2L * filled);
                if (!unfinished.takes(current, larger)) {
                    throw new StreamResetException(false, 0, "no room for a longer RPC");
                }
                body = Arrays.copyOf(body, larger);
            }
            if (from < to) {
                int count = Math.min(to - from, body.length - filled);
                System.arraycopy(buffer, from, body, filled, count);
                from += count;
                filled += count;
            } else if (body.length - filled < BUFFER) {
                if (!fillInTime()) {
                    throw new EOFException("the stream ends within an RPC");
                }
            } else {
                beginDeadline();
                int count = stream.read(body, filled, body.length - filled);
                if (count < 0) {
                    throw new EOFException("the stream ends within an RPC");
                }
                filled += count;
            }
        }
        return body;
    }

    /// In the middle of an RPC.
    private boolean fillInTime() throws IOException {
        beginDeadline();
        return fill();
    }

    private void beginDeadline() {
        if (!hasDeadline) {
            hasDeadline = true;
            stream.start(MAX_TIME.toNanos());
        }
    }

    /// The stream is read no more.
    @Override
    public void close() {
        unfinished.ended(current);
    }

    private boolean fill() throws IOException {
        int count = stream.read(buffer, 0, buffer.length);
        from = 0;
        to = Math.max(0, count);
        return count > 0;
    }
}
