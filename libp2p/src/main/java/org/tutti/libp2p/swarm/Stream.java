package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.ByteStream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/// One stream to a peer, speaking one agreed protocol: two directions that end independently.
///
/// One thread may read while another writes; any thread may close or reset. A stream counts against
/// the limits of both sides until both directions have ended, so close what you open.
public interface Stream extends ByteStream, AutoCloseable {
    /// Who is at the other end, proven by the connection's handshake.
    PeerId remotePeer();

    /// The agreed protocol, such as `/ipfs/ping/1.0.0`.
    String protocol();

    /// The connection that carries this stream.
    Connection connection();

    /// Whether the remote opened it.
    boolean isInbound();

    /// Limits how long each write may wait for the remote to read, as `setReadTimeout` does for
    /// reads. A write whose time is over throws `java.net.SocketTimeoutException`; part of the data
    /// may have been sent, so reset the stream then.
    ///
    /// @param timeout zero to wait for ever, which is the start value
    /// @throws IllegalArgumentException if it is negative
    void setWriteTimeout(Duration timeout);

    /// `write` and `closeWrite` in one: the end travels with the last bytes.
    default void writeLast(byte[] source, int offset, int length) throws IOException {
        write(source, offset, length);
        closeWrite();
    }

    /// Says that we shall write no more; reading goes on. Idempotent.
    void closeWrite() throws IOException;

    /// Drops what arrives from now on, and wakes a reader: reads give the end of the stream.
    /// Writing goes on. Idempotent.
    void closeRead();

    /// The reading half as Java knows it: a view, which holds no bytes of its own. Its `close` is
    /// `closeRead`, and leaves the other half open. Reads are bounded by `setReadTimeout`, and
    /// throw `java.net.SocketTimeoutException` when their time is over.
    default InputStream inputStream() {
        return new StreamInput(this);
    }

    /// The writing half as Java knows it. Its `close` is `closeWrite`: the remote reads the end,
    /// and we may read on. Nothing is kept back, so `flush` does nothing; put a
    /// `java.io.BufferedOutputStream` around it for small pieces.
    ///
    /// Whatever goes wrong between two writes, `close` says to the remote that all has been said,
    /// also where try-with-resources calls it: `reset` the stream first if that is not so.
    default OutputStream outputStream() {
        return new StreamOutput(this);
    }

    /// Ends both directions at once; unread and unsent data is lost. Idempotent.
    void reset();

    /// Ends our direction properly and drops whatever still arrives. Never throws; idempotent.
    @Override
    void close();
}
