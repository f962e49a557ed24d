package org.tutti.libp2p.io;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;

/// A connection that does what another one does, but for what a test overrides.
public abstract class ForwardingConnection implements RawConnection {
    private final RawConnection inner;

    protected ForwardingConnection(RawConnection inner) {
        this.inner = inner;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return inner.read(target, offset, length);
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
