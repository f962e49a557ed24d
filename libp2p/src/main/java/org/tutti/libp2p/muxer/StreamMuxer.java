package org.tutti.libp2p.muxer;

import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.security.SecureConnection;

/// An upgrade of a secured connection to one that carries many streams. Safe for all threads.
public interface StreamMuxer {
    /// The name in multistream-select, such as `/yamux/1.0.0`.
    String protocolId();

    /// Takes over the connection: from now on only the muxer reads, writes and closes it.
    ///
    /// @param initiator whether we dialled: decides which stream ids are ours
    MuxedConnection open(SecureConnection connection, boolean initiator);

    /// The same, with a bound on the bytes that streams hold unread. A muxer that does not know of
    /// memory ignores it.
    ///
    /// @param memory the part of this connection
    default MuxedConnection open(
            SecureConnection connection, boolean initiator, MemoryScope memory) {
        return open(connection, initiator);
    }
}
