package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.internal.time.DeadlineStream;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// A connection after the handshake. One thread may read while another writes; `close` comes from
/// any.
final class NoiseConnection implements SecureConnection {
    private final RawConnection raw;
    private final PublicKey remoteKey;
    private final PeerId remotePeer;
    private final Optional<String> inlinedMuxer;
    private final DeadlineStream source;
    private final FrameReader reader;
    private final CipherState receive;
    private final FrameWriter writer;

    // Volatile: set once before the connection is used, seen by whoever closes it.
    private volatile @Nullable BufferMemory memory;

    // Volatile: set by any thread, seen by the next read.
    private volatile long readTimeout = Timeouts.FOREVER;

    /// @param source what the reader reads, without a deadline
    /// @param unsent the handshake's last frame, if it is still to be sent
    NoiseConnection(
            RawConnection raw,
            PublicKey remoteKey,
            Optional<String> inlinedMuxer,
            DeadlineStream source,
            FrameReader reader,
            HandshakeState.CipherPair ciphers,
            byte[] unsent) {
        this.raw = raw;
        this.remoteKey = remoteKey;
        this.remotePeer = remoteKey.peerId();
        this.inlinedMuxer = inlinedMuxer;
        this.source = source;
        this.reader = reader;
        this.receive = ciphers.receive();
        this.writer = new FrameWriter(raw, ciphers.send(), unsent);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        long timeout = readTimeout;
        if (timeout == Timeouts.FOREVER) {
            return reader.read(receive, target, offset, length);
        }
        // A frame may take several reads of what is underneath.
        source.start(timeout);
        try {
            return reader.read(receive, target, offset, length);
        } finally {
            source.release();
        }
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        readTimeout = Timeouts.nanos(timeout);
    }

    @Override
    public void setMemory(MemoryScope scope) {
        BufferMemory buffers = new BufferMemory(scope);
        reader.setMemory(buffers);
        writer.setMemory(buffers);
        memory = buffers;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        writer.append(source, offset, length);
        writer.flush();
    }

    @Override
    public void append(byte[] source, int offset, int length) throws IOException {
        writer.append(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public PublicKey remoteKey() {
        return remoteKey;
    }

    @Override
    public PeerId remotePeer() {
        return remotePeer;
    }

    @Override
    public Optional<String> inlinedMuxer() {
        return inlinedMuxer;
    }

    @Override
    public RawConnection raw() {
        return raw;
    }

    @Override
    public void close() {
        raw.close();
        BufferMemory buffers = memory;
        if (buffers != null) {
            buffers.close();
        }
    }

    @Override
    public String toString() {
        return "noise connection with " + remotePeer + " at " + raw.remoteAddress();
    }
}
