package org.tutti.libp2p.requestresponse;

import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// How a message stands on the stream. Whatever it is, each side ends its direction after its
/// message.
public enum Framing {
    /// The length as an unsigned varint, then so many bytes: what go and js programs usually do,
    /// and what a codec of rust-libp2p does that uses `unsigned-varint`.
    LENGTH_PREFIXED {
        @Override
        byte[] read(Stream stream, int maxLength) throws IOException {
            return Frames.read(stream, maxLength);
        }

        @Override
        byte[] encode(byte[] message) {
            return Frames.encode(message);
        }
    },

    /// All bytes until the end of the direction: what `request_response::json` and
    /// `request_response::cbor` of rust-libp2p do.
    UNTIL_END {
        @Override
        byte[] read(Stream stream, int maxLength) throws IOException {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            byte[] piece = new byte[PIECE];
            for (int count = stream.read(piece, 0, PIECE);
                    count >= 0;
                    count = stream.read(piece, 0, PIECE)) {
                if (count > maxLength - message.size()) {
                    throw new FrameException("message of more than " + maxLength + " bytes");
                }
                message.write(piece, 0, count);
            }
            return message.toByteArray();
        }

        @Override
        byte[] encode(byte[] message) {
            return message;
        }
    };

    private static final int PIECE = 8 * 1024;

    /// Reads one message, taking memory only as bytes arrive.
    ///
    /// @throws FrameException if it is longer than `maxLength`, or its length not minimally encoded
    abstract byte[] read(Stream stream, int maxLength) throws IOException;

    abstract byte[] encode(byte[] message);

    /// Writes one message, and ends our direction with its last byte.
    void write(Stream stream, byte[] message) throws IOException {
        byte[] frame = encode(message);
        stream.writeLast(frame, 0, frame.length);
    }
}
