package org.tutti.libp2p.internal.upgrade;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;

/// A raw connection whose security protocol is agreed on along with the first bytes of the
/// handshake: saves a round trip.
///
/// Threads as in `RawConnection`; the first read and the first write are made by the one thread
/// that runs the handshake.
final class LazyRawConnection implements RawConnection {
    private final RawConnection raw;
    private final LazyNegotiation lazily;
    private byte @Nullable [] unsent;

    LazyRawConnection(RawConnection raw, LazyNegotiation lazily) {
        this.raw = raw;
        this.lazily = lazily;
        this.unsent = lazily.unsent().isEmpty() ? null : lazily.unsent().toArray();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (unsent != null && !lazily.hasReadAhead()) {
            // Before waiting: the remote may be waiting for this.
            write(target, 0, 0);
        }
        return lazily.read(raw, target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        byte[] first = unsent;
        if (first == null) {
            raw.write(source, offset, length);
            return;
        }
        byte[] together = new byte[first.length + length];
        System.arraycopy(first, 0, together, 0, first.length);
        System.arraycopy(source, offset, together, first.length, length);
        unsent = null;
        raw.write(together, 0, together.length);
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
    public boolean isLimited() {
        return raw.isLimited();
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        lazily.setReadTimeout(timeout);
        raw.setReadTimeout(timeout);
    }

    @Override
    public void close() {
        raw.close();
    }
}
