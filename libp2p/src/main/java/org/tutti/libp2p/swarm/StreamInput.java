package org.tutti.libp2p.swarm;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// The reading half of a stream, for [Stream#inputStream]. As little bound to one thread as the
/// stream is.
final class StreamInput extends InputStream {
    private final Stream stream;

    StreamInput(Stream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return stream.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : stream.read(target, offset, length);
    }

    @Override
    public void close() {
        stream.closeRead();
    }
}
