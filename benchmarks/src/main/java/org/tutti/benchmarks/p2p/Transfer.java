package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.Frames;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/// Bulk data on one stream: 1 byte of direction and 8 of length from the one who asks, the data
/// with a CRC-32C running over it on both sides, and at the end 8 bytes with the other side's
/// checksum.
final class Transfer {
    static final String PROTOCOL = "/tutti/bench/1.0.0";

    static final byte UP = 1;
    static final byte DOWN = 2;

    private static final int CHUNK = 1 << 20;
    private static final int REQUEST = 1 + Long.BYTES;

    private Transfer() {}

    /// The side that asks.
    ///
    /// @throws IOException also if the checksums differ
    static void run(ByteStream stream, byte direction, long length) throws IOException {
        byte[] request = ByteBuffer.allocate(REQUEST).put(direction).putLong(length).array();
        stream.write(request, 0, REQUEST);
        long ours = direction == UP ? send(stream, length) : receive(stream, length);
        byte[] theirs = new byte[Long.BYTES];
        Frames.readFully(stream, theirs, 0, theirs.length);
        if (ByteBuffer.wrap(theirs).getLong() != ours) {
            throw new IOException("checksums differ");
        }
    }

    /// The side that is asked.
    static void serve(ByteStream stream) throws IOException {
        byte[] request = new byte[REQUEST];
        Frames.readFully(stream, request, 0, REQUEST);
        long length = ByteBuffer.wrap(request, 1, Long.BYTES).getLong();
        long ours = request[0] == UP ? receive(stream, length) : send(stream, length);
        stream.write(ByteBuffer.allocate(Long.BYTES).putLong(ours).array(), 0, Long.BYTES);
    }

    private static long send(ByteStream stream, long length) throws IOException {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        CRC32C checksum = new CRC32C();
        for (long left = length; left > 0; ) {
            int count = (int) Math.min(left, CHUNK);
            checksum.update(chunk, 0, count);
            stream.write(chunk, 0, count);
            left -= count;
        }
        return checksum.getValue();
    }

    private static long receive(ByteStream stream, long length) throws IOException {
        byte[] chunk = new byte[CHUNK];
        CRC32C checksum = new CRC32C();
        for (long left = length; left > 0; ) {
            int count = stream.read(chunk, 0, (int) Math.min(left, CHUNK));
            if (count < 0) {
                throw new EOFException("stream ended early");
            }
            checksum.update(chunk, 0, count);
            left -= count;
        }
        return checksum.getValue();
    }
}
