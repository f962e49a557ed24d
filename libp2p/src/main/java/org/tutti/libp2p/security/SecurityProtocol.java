package org.tutti.libp2p.security;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawConnection;

import java.io.IOException;

/// An upgrade of a raw connection to an authenticated one. Safe for all threads.
///
/// A handshake that fails closes the raw connection.
public interface SecurityProtocol {
    /// The name in multistream-select, such as `/noise`.
    String protocolId();

    /// The handshake as the dialer, who knows whom it wants to reach.
    ///
    /// @throws HandshakeException if the remote is another peer or breaks the protocol
    SecureConnection secureOutbound(RawConnection connection, PeerId expected) throws IOException;

    /// As `secureOutbound`, but the handshake's last message may stay with the connection and
    /// travel with the first bytes that are written. A caller that has nothing to write must
    /// `flush`, because the remote waits for it.
    default SecureConnection secureOutboundLazily(RawConnection connection, PeerId expected)
            throws IOException {
        return secureOutbound(connection, expected);
    }

    /// The handshake as the listener, who accepts any peer that proves an identity.
    ///
    /// @throws HandshakeException if the remote breaks the protocol
    SecureConnection secureInbound(RawConnection connection) throws IOException;
}
