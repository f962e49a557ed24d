package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A raw connection that counts its bytes. Each count has one writer at a time, as each direction
/// has, so no instruction of the processor is needed that others would wait for.
final class CountedConnection implements RawConnection {
    private final RawConnection raw;
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();

    CountedConnection(RawConnection raw) {
        this.raw = raw;
    }

    /// From any thread.
    long bytesRead() {
        return bytesRead.getOpaque();
    }

    /// From any thread.
    long bytesWritten() {
        return bytesWritten.getOpaque();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = raw.read(target, offset, length);
        if (count > 0) {
            bytesRead.setOpaque(bytesRead.getPlain() + count);
        }
        return count;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        raw.write(source, offset, length);
        bytesWritten.setOpaque(bytesWritten.getPlain() + length);
    }

    @Override
    public Multiaddr localAddress() {
        return raw.localAddress();
    }

    @Override
    public Multiaddr remoteAddress() {
        return raw.remoteAddress();
    }

    @Override
    public boolean isDialer() {
        return raw.isDialer();
    }

    @Override
    public boolean isSilent() {
        return raw.isSilent();
    }

    @Override
    public boolean isLimited() {
        return raw.isLimited();
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        raw.setReadTimeout(timeout);
    }

    @Override
    public void close() {
        raw.close();
    }

    @Override
    public String toString() {
        return raw.toString();
    }
}
