package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.PubsubFormatException.Code;
import org.tutti.libp2p.swarm.Stream;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/// Reads RPCs, each with its length before it, from a stream that carries nothing else: with a
/// buffer, so that several that came together take one read. For one thread.
final class RpcReader {
    private static final int BUFFER = 16 * 1024;

    private final Stream stream;
    private final int maxLength;
    private final byte[] buffer = new byte[BUFFER];
    private int from;
    private int to;

    RpcReader(Stream stream, int maxLength) {
        this.stream = stream;
        this.maxLength = maxLength;
    }

    /// The next one, as its bytes; null if the stream ends before it.
    ///
    /// @throws PubsubFormatException if it is longer than it may be
    byte @Nullable [] next() throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            if (from == to && !fill()) {
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
        return body(length);
    }

    /// Takes memory only as bytes arrive, so that announcing a long one costs nothing here.
    private byte[] body(int length) throws IOException {
        byte[] body = new byte[Math.min(length, BUFFER)];
        int filled = 0;
        while (filled < length) {
            if (filled == body.length) {
                body = Arrays.copyOf(body, (int) Math.min(length, 2L * filled));
            }
            if (from < to) {
                int count = Math.min(to - from, body.length - filled);
                System.arraycopy(buffer, from, body, filled, count);
                from += count;
                filled += count;
            } else if (body.length - filled < BUFFER) {
                if (!fill()) {
                    throw new EOFException("the stream ends within an RPC");
                }
            } else {
                int count = stream.read(body, filled, body.length - filled);
                if (count < 0) {
                    throw new EOFException("the stream ends within an RPC");
                }
                filled += count;
            }
        }
        return body;
    }

    private boolean fill() throws IOException {
        int count = stream.read(buffer, 0, buffer.length);
        from = 0;
        to = Math.max(0, count);
        return count > 0;
    }
}
