package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;

/// One end of a connection in memory: two pipes.
final class MemoryConnection implements RawConnection {
    private final Multiaddr local;
    private final Multiaddr remote;
    private final boolean dialer;
    private final MemoryPipe in;
    private final MemoryPipe out;
    // Volatile: set by whoever owns the connection, read by the thread that reads.
    private volatile long readTimeout = Timeouts.FOREVER;

    /// Both ends.
    record Pair(MemoryConnection dialer, MemoryConnection listener) {}

    private MemoryConnection(
            Multiaddr local, Multiaddr remote, boolean dialer, MemoryPipe in, MemoryPipe out) {
        this.local = local;
        this.remote = remote;
        this.dialer = dialer;
        this.in = in;
        this.out = out;
    }

    static Pair pair(Multiaddr from, Multiaddr to, int chunk) {
        MemoryPipe there = new MemoryPipe(chunk);
        MemoryPipe back = new MemoryPipe(chunk);
        return new Pair(
                new MemoryConnection(from, to, true, back, there),
                new MemoryConnection(to, from, false, there, back));
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return in.read(target, offset, length, readTimeout);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        out.write(source, offset, length);
    }

    @Override
    public Multiaddr localAddress() {
        return local;
    }

    @Override
    public Multiaddr remoteAddress() {
        return remote;
    }

    @Override
    public boolean isDialer() {
        return dialer;
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        readTimeout = Timeouts.nanos(timeout);
    }

    /// The remote still reads what was written before, then the end; its writes fail.
    @Override
    public void close() {
        in.abort();
        out.end();
    }
}
