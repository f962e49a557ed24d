package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;

/// A connection whose reads give one byte each.
record OneByteAtATime(RawConnection inner) implements RawConnection {
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return inner.read(target, offset, Math.min(1, length));
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        inner.write(source, offset, length);
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        inner.setReadTimeout(timeout);
    }

    @Override
    public Multiaddr localAddress() {
        return inner.localAddress();
    }

    @Override
    public Multiaddr remoteAddress() {
        return inner.remoteAddress();
    }

    @Override
    public boolean isDialer() {
        return inner.isDialer();
    }

    @Override
    public void close() {
        inner.close();
    }
}
