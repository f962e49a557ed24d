package org.tutti.libp2p.muxer;

import org.tutti.libp2p.io.ByteStream;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/// One stream of a muxed connection: two directions that end independently.
///
/// One thread may read while another writes; any thread may close or reset. After a reset by either
/// side, or the end of the connection, `read` and `write` throw `StreamResetException` or
/// `MuxerException`.
public interface MuxedStream extends ByteStream, Closeable {
    /// Unique within the connection while the stream is open.
    long id();

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

    /// Drops what arrives from now on; reads give the end of the stream. Writing goes on.
    /// Idempotent.
    void closeRead();

    /// Ends both directions at once and tells the remote; unread data is lost. Idempotent, does
    /// nothing once both directions have ended properly.
    void reset();

    /// `closeWrite` and `closeRead`, and ignores their failure. Idempotent.
    @Override
    void close();
}
