package org.tutti.libp2p.host;

import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;

/// A transport whose connections take what the remote sends, and read nothing of it while they are
/// frozen, as those of a process that was stopped do. The lock guards `frozen`.
final class FreezingTransport implements RawTransport {
    private final RawTransport inner;
    private boolean frozen;

    FreezingTransport(RawTransport inner) {
        this.inner = inner;
    }

    synchronized void freeze() {
        frozen = true;
    }

    synchronized void thaw() {
        frozen = false;
        notifyAll();
    }

    private synchronized void awaitThaw() throws InterruptedIOException {
        try {
            while (frozen) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public boolean handles(Multiaddr address) {
        return inner.handles(address);
    }

    @Override
    public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
        return new Freezing(inner.dial(address, timeout));
    }

    @Override
    public RawListener listen(Multiaddr address) throws IOException {
        RawListener listener = inner.listen(address);
        return new RawListener() {
            @Override
            public RawConnection accept() throws IOException {
                return new Freezing(listener.accept());
            }

            @Override
            public List<Multiaddr> addresses() {
                return listener.addresses();
            }

            @Override
            public void close() {
                listener.close();
            }
        };
    }

    private final class Freezing extends ForwardingConnection {
        Freezing(RawConnection raw) {
            super(raw);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            awaitThaw();
            return count;
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            awaitThaw();
            super.write(source, offset, length);
        }
    }
}
