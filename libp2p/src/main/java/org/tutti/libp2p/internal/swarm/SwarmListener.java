package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.SwarmException;

/// Hears of what happens before subscribers do: how the host tells its behaviours. Every method
/// must return at once.
public interface SwarmListener {
    /// A connection was opened.
    void connectionOpened(Connection connection);

    /// A connection has ended; follows its `connectionOpened`.
    void connectionClosed(Connection connection);

    /// A dial led to no connection.
    default void dialFailed(PeerId peer, SwarmException cause) {}

    /// An inbound connection was closed before it could carry streams.
    default void inboundRefused(Multiaddr remoteAddress, String code, String detail) {}

    /// Listen or external addresses have changed.
    default void addressesChanged() {}

    /// What is answered has changed.
    default void protocolsChanged() {}

    /// The swarm is about to close its connections.
    default void stopping() {}
}
