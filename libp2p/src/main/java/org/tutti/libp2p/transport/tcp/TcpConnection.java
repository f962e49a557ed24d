package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;

/// One connected socket. One reader and one writer at a time; `close` from any thread.
///
/// Where small messages go back and forth quickly, most of the time is spent waking threads: 25 µs
/// for each message where the message itself takes 5. So a reader whose last answer came quickly
/// looks for the next one for a moment before it sleeps, and lets every other runnable virtual
/// thread go first. A connection that is idle, slow or busy with bulk data never does this.
final class TcpConnection implements RawConnection {
    /// An answer within this time makes it worth looking out for the next. More than an exchange
    /// takes when both ends sleep in between: otherwise neither would ever begin to look out.
    private static final long QUICK_NANOS = 300_000;

    /// More bytes than this at once are bulk data.
    private static final int SMALL = 4096;

    private static final int MAX_BACKOFF = 63;

    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;
    private final boolean dialer;
    private final InetSocketAddress local;
    private final Multiaddr remote;
    private final long lookoutNanos;

    // Volatile: set once by the reader, seen by whoever has to choose which connection goes.
    private volatile boolean silent = true;

    /// Whether the last small message came quickly. This and the next two are for the reader alone.
    private boolean lively;

    /// How many reads go without a lookout after one that saw nothing: on a busy machine it only
    /// takes time from the thread that is to answer.
    private int backoff;

    private int skip;

    /// @param lookoutNanos how long a reader looks for a quick answer before it sleeps; 0 for never
    TcpConnection(Socket socket, boolean dialer, long lookoutNanos) throws IOException {
        this.socket = socket;
        this.lookoutNanos = lookoutNanos;
        this.input = socket.getInputStream();
        this.output = socket.getOutputStream();
        this.dialer = dialer;
        this.local = (InetSocketAddress) socket.getLocalSocketAddress();
        InetSocketAddress peer = (InetSocketAddress) socket.getRemoteSocketAddress();
        if (peer == null) {
            throw new IOException("the connection is gone already");
        }
        // Made once: limits, gating, events and identify all ask for it.
        this.remote = TcpAddress.multiaddr(peer);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        long begin = System.nanoTime();
        if (lively && --skip < 0) {
            lookOut(begin);
        }
        int count = input.read(target, offset, length);
        if (silent) {
            silent = false;
        }
        lively =
                lookoutNanos > 0
                        && count <= SMALL
                        && count < length
                        && System.nanoTime() - begin < QUICK_NANOS;
        return count;
    }

    // Nothing but speed depends on the yield.
    @SuppressWarnings("ThreadPriorityCheck")
    private void lookOut(long begin) throws IOException {
        while (input.available() == 0) {
            if (System.nanoTime() - begin > lookoutNanos) {
                backoff = Math.min(MAX_BACKOFF, 2 * backoff + 1);
                skip = backoff;
                return;
            }
            Thread.yield();
        }
        backoff = 0;
        skip = 0;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        output.write(source, offset, length);
    }

    @Override
    public Multiaddr localAddress() {
        return TcpAddress.multiaddr(local);
    }

    @Override
    public Multiaddr remoteAddress() {
        return remote;
    }

    @Override
    public boolean isDialer() {
        return dialer;
    }

    /// What has arrived counts, too: in a flood the thread that reads it may not have run yet.
    @Override
    public boolean isSilent() {
        if (!silent) {
            return false;
        }
        try {
            return input.available() == 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        long nanos = Timeouts.nanos(timeout);
        // Zero means for ever to a socket too; part of a millisecond must not become that.
        long millis = nanos == Timeouts.FOREVER ? 0 : Math.ceilDiv(nanos, 1_000_000L);
        try {
            socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
        } catch (SocketException e) {
            // Closed, as the next read says.
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    @Override
    public String toString() {
        return localAddress() + (dialer ? " -> " : " <- ") + remoteAddress();
    }
}
