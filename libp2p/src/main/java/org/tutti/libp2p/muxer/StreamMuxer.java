package org.tutti.libp2p.muxer;

import org.tutti.libp2p.security.SecureConnection;

/// An upgrade of a secured connection to one that carries many streams. Safe for all threads.
public interface StreamMuxer {
    /// The name in multistream-select, such as `/yamux/1.0.0`.
    String protocolId();

    /// Takes over the connection: from now on only the muxer reads, writes and closes it.
    ///
    /// @param initiator whether we dialled: decides which stream ids are ours
    MuxedConnection open(SecureConnection connection, boolean initiator);
}
