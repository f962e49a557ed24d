package org.tutti.libp2p.transport;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.Closeable;
import java.io.IOException;

/// An inbound connection before it is known who is at the other end. One thread upgrades it; any
/// thread may close it.
public interface PendingConnection extends Closeable {
    /// Our end, without `/p2p`.
    Multiaddr localAddress();

    /// The other end, without `/p2p`.
    Multiaddr remoteAddress();

    /// Authenticates the peer and makes the connection carry streams. Called at most once. Waits
    /// for the remote without a deadline: the caller closes what takes too long.
    ///
    /// @throws IOException if the peer breaks a protocol or may not connect; the connection is
    ///   closed then
    CapableConnection upgrade() throws IOException;

    /// Ends the connection at once and wakes a blocked `upgrade`. Idempotent. After an upgrade that
    /// succeeded it still ends the connection.
    @Override
    void close();
}
