package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;
import org.tutti.libp2p.transport.ByteStream;

import java.io.IOException;

/// A stream with some bytes in front that were already taken from it.
final class PrefixedStream implements ByteStream {
    private final byte[] prefix;
    private final ByteStream stream;
    private int taken;

    PrefixedStream(Bytes prefix, ByteStream stream) {
        this.prefix = prefix.toArray();
        this.stream = stream;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (taken == prefix.length || length == 0) {
            return stream.read(target, offset, length);
        }
        int count = Math.min(length, prefix.length - taken);
        System.arraycopy(prefix, taken, target, offset, count);
        taken += count;
        return count;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        stream.write(source, offset, length);
    }
}
