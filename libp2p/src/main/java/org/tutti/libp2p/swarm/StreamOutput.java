package org.tutti.libp2p.swarm;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// The writing half of a stream, for [Stream#outputStream]. As little bound to one thread as the
/// stream is.
final class StreamOutput extends OutputStream {
    private final Stream stream;

    StreamOutput(Stream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        stream.write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (length > 0) {
            stream.write(source, offset, length);
        }
    }

    @Override
    public void close() throws IOException {
        stream.closeWrite();
    }
}
