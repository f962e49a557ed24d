package org.tutti.libp2p.transport;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.Closeable;
import java.time.Duration;

/// One connection before security: ordered bytes between two addresses.
///
/// One thread may read while another writes; two threads must not do the same.
public interface RawConnection extends ByteStream, Closeable {
    /// Our end, without `/p2p`.
    Multiaddr localAddress();

    /// The other end, without `/p2p`.
    Multiaddr remoteAddress();

    /// Whether we dialled.
    boolean isDialer();

    /// How long one read may wait before it throws `java.net.SocketTimeoutException`, after which
    /// reading may be tried again. Zero waits for ever, which is the start value.
    void setReadTimeout(Duration timeout) throws java.io.IOException;

    /// Ends the connection at once in both directions and wakes blocked readers and writers.
    /// Idempotent, may be called from any thread.
    @Override
    void close();
}
