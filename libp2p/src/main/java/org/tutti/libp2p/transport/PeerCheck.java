package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;

/// Decides whether a peer may stay once its identity is proven.
@FunctionalInterface
public interface PeerCheck {
    /// Called after the security handshake, before a frame of a muxer is sent or read.
    ///
    /// @param remoteAddress without `/p2p`
    /// @param outbound whether we dialled
    /// @throws IOException if the peer may not stay; whoever asked closes the connection then
    void check(PeerId peer, Multiaddr remoteAddress, boolean outbound) throws IOException;
}
