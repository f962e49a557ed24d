package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;

/// A way to reach peers at addresses of some kind: gives connections that are authenticated and
/// carry many streams. Safe for all threads.
///
/// A transport whose own protocol does neither, such as TCP, hands its raw connections to the
/// upgrader ([UpgradedTransport]); one that does both, such as QUIC, needs none.
public interface Transport {
    /// Whether `dial` and `listen` know what to do with this address (a trailing `/p2p` is
    /// ignored).
    boolean handles(Multiaddr address);

    /// Connects to the peer at this address. Interrupting the thread ends the attempt.
    ///
    /// The last message of a handshake may be kept back, to travel with the first streams: the
    /// caller must `flush` the muxed connection when it has nothing to say.
    ///
    /// @param timeout until the network underneath is connected, name resolution included; the
    ///   handshake that follows has a deadline of its own
    /// @throws TransportException naming the address and why it cannot be reached
    /// @throws org.tutti.libp2p.security.HandshakeException with `WRONG_PEER` if another peer
    ///   answers
    CapableConnection dial(Multiaddr address, PeerId peer, Duration timeout) throws IOException;

    /// Opens a listener.
    ///
    /// @throws TransportException naming the address and why it cannot be bound
    Listener listen(Multiaddr address) throws IOException;
}
