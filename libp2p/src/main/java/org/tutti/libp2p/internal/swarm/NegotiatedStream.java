package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.upgrade.LazyNegotiation;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// A stream whose protocol is agreed on, or is being agreed on along with its first bytes.
///
/// Our side of the negotiation may still wait in `unsent` to travel with the first bytes that we
/// write. A read that has to wait sends it first, else both sides could wait for one another.
///
/// Threads: one reads and one writes, as in `Stream`; `lazily` belongs to the one that reads.
/// `sending` guards only the sending of `unsent`, which either may do. Under it we do block in a
/// write; at most `MAX_FIRST_WRITE` bytes on a fresh stream, which fit its window whether the
/// remote reads or not.
final class NegotiatedStream implements Stream {
    /// Bytes sent together with the negotiation, far below the first window of 256 KiB.
    private static final int MAX_FIRST_WRITE = 16 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private final SwarmConnection connection;
    private final MuxedStream muxed;
    private final LazyNegotiation lazily;
    private final StreamMeter meter;
    private final ReentrantLock sending = new ReentrantLock();
    // Volatile: reader and writer both look at it, and it turns null once, under `sending`.
    private volatile byte @Nullable [] unsent;
    // Volatile: set by any thread, and then reads end, whatever state the negotiation is in.
    private volatile boolean readClosed;

    NegotiatedStream(SwarmConnection connection, MuxedStream muxed, LazyNegotiation lazily) {
        this.meter = connection.meters().opened(lazily.protocol(), muxed.isInbound());
        this.connection = connection;
        this.muxed = muxed;
        this.lazily = lazily;
        this.unsent = lazily.unsent().isEmpty() ? null : lazily.unsent().toArray();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (readClosed) {
            return -1;
        }
        if (unsent != null && !lazily.hasReadAhead()) {
            sendUnsent(NOTHING, 0, 0, false);
        }
        try {
            int count = lazily.read(muxed, target, offset, length);
            meter.read(count);
            return count;
        } catch (IOException e) {
            if (readClosed) {
                return -1;
            }
            if (e instanceof NegotiationException n) {
                muxed.reset();
                meter.closed();
                throw StreamRouter.meaning(n, List.of(protocol()));
            }
            throw e;
        }
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        int sent = unsent == null ? 0 : sendUnsent(source, offset, length, false);
        if (sent < length) {
            muxed.write(source, offset + sent, length - sent);
        }
        meter.wrote(length);
    }

    @Override
    public void writeLast(byte[] source, int offset, int length) throws IOException {
        int sent = unsent == null ? 0 : sendUnsent(source, offset, length, true);
        if (sent < length) {
            muxed.writeLast(source, offset + sent, length - sent);
        } else {
            muxed.closeWrite();
        }
        meter.wrote(length);
    }

    /// Sends `unsent` with as many bytes of the source as fit along with it.
    ///
    /// @param last whether our direction ends with them, if all fit
    /// @return how many of them
    private int sendUnsent(byte[] source, int offset, int length, boolean last) throws IOException {
        sending.lock();
        try {
            byte[] first = unsent;
            if (first == null) {
                return 0;
            }
            int count = Math.min(length, MAX_FIRST_WRITE);
            byte[] together = new byte[first.length + count];
            System.arraycopy(first, 0, together, 0, first.length);
            System.arraycopy(source, offset, together, first.length, count);
            if (last && count == length) {
                muxed.writeLast(together, 0, together.length);
            } else {
                muxed.write(together, 0, together.length);
            }
            unsent = null;
            return count;
        } finally {
            sending.unlock();
        }
    }

    @Override
    public void closeWrite() throws IOException {
        if (unsent != null) {
            sendUnsent(NOTHING, 0, 0, true);
        }
        muxed.closeWrite();
    }

    @Override
    public void closeRead() {
        readClosed = true;
        muxed.closeRead();
    }

    @Override
    public void close() {
        meter.closed();
        if (unsent != null) {
            try {
                sendUnsent(NOTHING, 0, 0, true);
            } catch (IOException e) {
                muxed.reset();
                return;
            }
        }
        muxed.close();
    }

    @Override
    public void reset() {
        meter.closed();
        muxed.reset();
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        lazily.setReadTimeout(timeout);
        muxed.setReadTimeout(timeout);
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        muxed.setWriteTimeout(timeout);
    }

    @Override
    public PeerId remotePeer() {
        return connection.remotePeer();
    }

    @Override
    public String protocol() {
        return lazily.protocol();
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public boolean isInbound() {
        return muxed.isInbound();
    }

    @Override
    public String toString() {
        return protocol()
                + (isInbound() ? " from " : " to ")
                + remotePeer()
                + " on "
                + connection.id();
    }
}
