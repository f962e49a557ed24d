package org.tutti.libp2p.host;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/// A transport in which some addresses never answer, as if a firewall swallowed every packet.
final class SlowTransport implements RawTransport {
    private final RawTransport inner;
    private final Set<Multiaddr> silent = ConcurrentHashMap.newKeySet();

    /// Each address when its dial begins.
    final BlockingQueue<Multiaddr> dialled = new LinkedBlockingQueue<>();

    /// A permit for each dial that was interrupted.
    final Semaphore interrupted = new Semaphore(0);

    SlowTransport(RawTransport inner) {
        this.inner = inner;
    }

    /// Nobody ever answers there.
    Multiaddr silent(String address) {
        Multiaddr parsed = Multiaddr.parse(address);
        silent.add(parsed);
        return parsed;
    }

    @Override
    public boolean handles(Multiaddr address) {
        return inner.handles(address) || silent.contains(address);
    }

    @Override
    public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
        dialled.add(address);
        if (silent.contains(address)) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.release();
                throw new InterruptedIOException("interrupted");
            }
        }
        return inner.dial(address, timeout);
    }

    @Override
    public RawListener listen(Multiaddr address) throws IOException {
        return inner.listen(address);
    }
}
