package org.tutti.libp2p.io;

import org.tutti.libp2p.multiformats.Varint;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// Messages prefixed with their length as an unsigned varint, the framing of most libp2p protocols
/// (multiformats/unsigned-varint).
///
/// Reads never take bytes beyond the message, so that whatever follows stays in the stream.
public final class Frames {
    /// What a message may take before any of it has come: more than most messages have.
    private static final int FIRST_ALLOCATION = 16 * 1024;

    private Frames() {}

    /// The next message.
    ///
    /// @param maxLength the most bytes that this protocol allows in one message
    /// @throws EOFException if the stream ends before or within the message
    /// @throws FrameException if the length is over `maxLength` or not minimally encoded
    public static byte[] read(ByteStream stream, int maxLength) throws IOException {
        return readOrEnd(stream, maxLength)
                .orElseThrow(() -> new EOFException("stream ended before a message"));
    }

    /// The next message, or nothing if the stream ends cleanly before it.
    ///
    /// @throws EOFException if the stream ends within the message
    /// @throws FrameException if the length is over `maxLength` or not minimally encoded
    public static Optional<byte[]> readOrEnd(ByteStream stream, int maxLength) throws IOException {
        byte[] one = new byte[1];
        long length = 0;
        for (int shift = 0; ; shift += 7) {
            if (stream.read(one, 0, 1) < 0) {
                if (shift == 0) {
                    return Optional.empty();
                }
                throw new EOFException("stream ended within a length");
            }
            length |= (long) (one[0] & 0x7f) << shift;
            if (one[0] >= 0) {
                // unsigned-varint: "implementations MUST restrict the size … and use the minimal
                // encoding".
                if (shift > 0 && one[0] == 0) {
                    throw new FrameException("length is not minimally encoded");
                }
                break;
            }
            if (shift >= 28) {
                throw new FrameException("length has more than five bytes");
            }
        }
        if (length > maxLength) {
            throw new FrameException("message of " + length + " bytes, at most " + maxLength);
        }
        return Optional.of(readGrowing(stream, (int) length));
    }

    /// Takes memory only as bytes arrive, so that announcing a long message costs nothing here.
    private static byte[] readGrowing(ByteStream stream, int length) throws IOException {
        byte[] message = new byte[Math.min(length, FIRST_ALLOCATION)];
        readFully(stream, message, 0, message.length);
        while (message.length < length) {
            int filled = message.length;
            message = Arrays.copyOf(message, (int) Math.min(length, 2L * filled));
            readFully(stream, message, filled, message.length - filled);
        }
        return message;
    }

    /// Writes one message with its length, in a single write.
    public static void write(ByteStream stream, byte[] message) throws IOException {
        byte[] frame = encode(message);
        stream.write(frame, 0, frame.length);
    }

    /// One message with its length before it.
    public static byte[] encode(byte[] message) {
        int prefix = Varint.size(message.length);
        byte[] frame = new byte[prefix + message.length];
        Varint.put(message.length, frame, 0);
        System.arraycopy(message, 0, frame, prefix, message.length);
        return frame;
    }

    /// Fills `target[offset, offset + length)`.
    ///
    /// @throws EOFException if the stream ends first
    public static void readFully(ByteStream stream, byte[] target, int offset, int length)
            throws IOException {
        int done = 0;
        while (done < length) {
            int got = stream.read(target, offset + done, length - done);
            if (got < 0) {
                throw new EOFException("stream ended after " + done + " of " + length + " bytes");
            }
            done += got;
        }
    }
}
