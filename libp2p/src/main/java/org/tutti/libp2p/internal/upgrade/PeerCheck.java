package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;

/// Decides whether a peer may stay once its identity is proven.
@FunctionalInterface
public interface PeerCheck {
    /// Called after the security handshake and before a muxer is agreed on.
    ///
    /// @param outbound whether we dialled
    /// @throws IOException if the peer may not stay; the connection is closed then
    void check(SecureConnection connection, boolean outbound) throws IOException;
}
