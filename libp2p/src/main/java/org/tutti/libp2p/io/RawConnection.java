package org.tutti.libp2p.io;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.Closeable;

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

    /// Whether nothing has come from the remote yet; from any thread. Whoever only opens
    /// connections is told by this from those who want something.
    default boolean isSilent() {
        return false;
    }

    /// Whether it is limited in time or bytes, as a connection through a relay is.
    default boolean isLimited() {
        return false;
    }

    /// Ends the connection at once in both directions and wakes blocked readers and writers.
    /// Idempotent, may be called from any thread.
    @Override
    void close();
}
