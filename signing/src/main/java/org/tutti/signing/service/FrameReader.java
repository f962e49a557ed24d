package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.WireException;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Reads frames, an unsigned varint and as many bytes, from a stream that carries nothing else.
/// Reads ahead, so that small frames do not cost a read each.
final class FrameReader {
    /// Longest time from a frame's first byte to its last.
    static final Duration FRAME_TIMEOUT = Duration.ofSeconds(20);

    private static final int READ_AHEAD = 16 << 10;

    private final Stream stream;
    private final int maxFrame;
    private byte[] buffer = new byte[READ_AHEAD];
    private int start;
    private int end;

    FrameReader(Stream stream, int maxFrame) {
        this.stream = stream;
        this.maxFrame = maxFrame;
    }

    /// The next frame; empty when the stream has ended between frames.
    ///
    /// @throws WireException with `OVERSIZE` if it is larger than allowed, before any memory is set
    ///   aside for it
    /// @throws IOException if the stream breaks, or a peer stops in the middle of a frame
    Optional<Bytes> next() throws IOException, WireException {
        if (start == end && !fill(Duration.ZERO)) {
            return Optional.empty();
        }
        long deadline = System.nanoTime() + FRAME_TIMEOUT.toNanos();
        int length = length(deadline);
        if (end - start < length) {
            buffer =
                    Arrays.copyOf(
                            Arrays.copyOfRange(buffer, start, end), Math.max(length, READ_AHEAD));
            end -= start;
            start = 0;
            while (end < length) {
                fillOrFail(deadline);
            }
        }
        Bytes frame = Bytes.of(buffer, start, start + length);
        start += length;
        shrink();
        return Optional.of(frame);
    }

    private int length(long deadline) throws IOException, WireException {
        int length = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            if (start == end) {
                fillOrFail(deadline);
            }
            byte next = buffer[start++];
            length |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (length > maxFrame) {
                    throw new WireException(DropReason.OVERSIZE, "a frame of " + length + " bytes");
                }
                return length;
            }
        }
        throw new WireException(DropReason.OVERSIZE, "a length of more than four bytes");
    }

    private void fillOrFail(long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0 || !fill(Duration.ofNanos(left))) {
            throw new EOFException("the peer stopped in the middle of a frame");
        }
    }

    private boolean fill(Duration wait) throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
        }
        stream.setReadTimeout(wait);
        int got = stream.read(buffer, end, buffer.length - end);
        end += Math.max(got, 0);
        return got >= 0;
    }

    /// One large frame must not keep a megabyte for the life of the stream.
    private void shrink() {
        if (buffer.length > READ_AHEAD && end - start <= READ_AHEAD) {
            buffer = Arrays.copyOf(Arrays.copyOfRange(buffer, start, end), READ_AHEAD);
            end -= start;
            start = 0;
        }
    }
}
