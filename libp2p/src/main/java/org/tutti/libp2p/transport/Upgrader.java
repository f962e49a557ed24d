package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawConnection;

import java.io.IOException;

/// Makes raw connections authenticated ones that carry streams, with the security protocols and
/// muxers of a host (libp2p/specs connections/README.md, "Upgrading connections"). Safe for all
/// threads.
public interface Upgrader {
    /// Upgrades a connection that we dialled, before a deadline of its own. The last message of the
    /// handshake may be kept back, see [Transport#dial]. The raw connection is closed if this
    /// fails.
    ///
    /// @throws org.tutti.libp2p.security.HandshakeException with `WRONG_PEER` if another peer
    ///   answers
    /// @throws TransportException with `TIMEOUT` at the deadline
    CapableConnection outbound(RawConnection raw, PeerId expected) throws IOException;

    /// Upgrades a connection that we accepted. The caller limits how long it may take, by closing
    /// the raw connection.
    CapableConnection inbound(RawConnection raw) throws IOException;
}
