package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// A secured connection whose muxer was negotiated: gives the bytes that were read beyond the
/// negotiation before those that follow. One thread reads.
final class ReadAheadConnection implements SecureConnection {
    private final SecureConnection secure;
    private final byte[] readAhead;
    private int readAheadAt;

    ReadAheadConnection(SecureConnection secure, byte[] readAhead) {
        this.secure = secure;
        this.readAhead = readAhead;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (readAheadAt == readAhead.length) {
            return secure.read(target, offset, length);
        }
        int count = Math.min(length, readAhead.length - readAheadAt);
        System.arraycopy(readAhead, readAheadAt, target, offset, count);
        readAheadAt += count;
        return count;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        secure.write(source, offset, length);
    }

    @Override
    public void append(byte[] source, int offset, int length) throws IOException {
        secure.append(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
        secure.flush();
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        secure.setReadTimeout(timeout);
    }

    @Override
    public void setMemory(MemoryScope memory) {
        secure.setMemory(memory);
    }

    @Override
    public PublicKey remoteKey() {
        return secure.remoteKey();
    }

    @Override
    public PeerId remotePeer() {
        return secure.remotePeer();
    }

    @Override
    public Optional<String> inlinedMuxer() {
        return secure.inlinedMuxer();
    }

    @Override
    public RawConnection raw() {
        return secure.raw();
    }

    @Override
    public void close() {
        secure.close();
    }
}
