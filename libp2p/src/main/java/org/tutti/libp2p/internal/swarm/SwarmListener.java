package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.Connection;

/// Hears of connections before subscribers do: how the host tells its behaviours.
public interface SwarmListener {
    /// A connection was opened. Must return at once.
    void connectionOpened(Connection connection);

    /// A connection has ended; follows its `connectionOpened`. Must return at once.
    void connectionClosed(Connection connection);
}
