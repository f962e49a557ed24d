package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.session.DropReason;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Reads [Frames] from a stream that carries nothing else. Reads ahead, so that small frames do not
/// cost a read each, and limits the time that one frame may take. What it reads ahead into starts
/// small, because most streams carry small frames far apart, and doubles when a read fills it.
final class FrameReader {
    /// Longest time from a frame's first byte to its last.
    static final Duration FRAME_TIMEOUT = Duration.ofSeconds(20);

    private static final int FIRST_READ_AHEAD = 2 << 10;

    /// Most bytes that are read ahead.
    static final int READ_AHEAD = 16 << 10;

    private final Stream stream;
    private final int maxFrame;
    private final LongSupplier nanoTime;
    private final ByteStream buffered = new ReadAhead();
    private byte[] buffer = new byte[FIRST_READ_AHEAD];
    private int start;
    private int end;
    private long deadline;

    /// @param nanoTime nanoseconds since some fixed moment
    FrameReader(Stream stream, int maxFrame, LongSupplier nanoTime) {
        this.stream = stream;
        this.maxFrame = maxFrame;
        this.nanoTime = nanoTime;
    }

    /// The next frame; empty if the stream has ended between frames.
    ///
    /// @throws WireException with `OVERSIZE` if its length is larger than allowed or not minimally
    ///   encoded, before any memory is allocated for it
    /// @throws IOException if the stream fails, or a peer stops in the middle of a frame
    Optional<Bytes> next() throws IOException, WireException {
        if (start == end && !fill(Duration.ZERO)) {
            return Optional.empty();
        }
        deadline = nanoTime.getAsLong() + FRAME_TIMEOUT.toNanos();
        try {
            return Frames.readOrEnd(buffered, maxFrame).map(Bytes::wrap);
        } catch (FrameException e) {
            throw new WireException(DropReason.OVERSIZE, String.valueOf(e.getMessage()));
        }
    }

    private boolean fill(Duration timeout) throws IOException {
        stream.setReadTimeout(timeout);
        if (end == buffer.length && end < READ_AHEAD) {
            buffer = new byte[2 * end]; // All of it was used: the last read filled it.
        }
        start = 0;
        end = Math.max(stream.read(buffer, 0, buffer.length), 0);
        return end > 0;
    }

    private Duration timeLeft() throws EOFException {
        long left = deadline - nanoTime.getAsLong();
        if (left <= 0) {
            throw new EOFException("the peer stopped in the middle of a frame");
        }
        return Duration.ofNanos(left);
    }

    /// The rest of the current frame: first what was read ahead, then the stream, until the
    /// deadline.
    private final class ReadAhead implements ByteStream {
        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (start == end) {
                if (length >= buffer.length) {
                    stream.setReadTimeout(timeLeft());
                    return stream.read(target, offset, length);
                }
                if (!fill(timeLeft())) {
                    return -1;
                }
            }
            int count = Math.min(length, end - start);
            System.arraycopy(buffer, start, target, offset, count);
            start += count;
            return count;
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            throw new UnsupportedOperationException("this stream is only read");
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            throw new UnsupportedOperationException("the frame's deadline counts");
        }
    }
}
