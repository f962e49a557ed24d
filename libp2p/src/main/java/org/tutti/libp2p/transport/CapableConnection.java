package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;

/// A connection as a transport gives it: it is known who is at the other end, and it carries many
/// streams. Safe for all threads. It ends with `muxed().close()`.
public interface CapableConnection {
    /// Who is at the other end: the id of `remoteKey`.
    PeerId remotePeer();

    /// The identity key that the peer proved to hold.
    PublicKey remoteKey();

    /// Our end, without `/p2p`.
    Multiaddr localAddress();

    /// The peer's end, without `/p2p`.
    Multiaddr remoteAddress();

    /// What carries the streams.
    MuxedConnection muxed();

    /// Whether it is limited in time or bytes, as a connection through a relay is: only protocols
    /// that ask for it use such a connection.
    default boolean isLimited() {
        return false;
    }

    /// How many bytes were received so far, with all that the layers below the streams add; from
    /// any thread. 0 of a transport that does not count.
    default long bytesRead() {
        return 0;
    }

    /// How many were sent.
    default long bytesWritten() {
        return 0;
    }
}
