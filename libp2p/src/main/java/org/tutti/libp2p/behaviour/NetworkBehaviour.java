package org.tutti.libp2p.behaviour;

import org.tutti.libp2p.swarm.Connection;

import java.util.List;

/// One protocol of a host, or several that belong together: what it answers, and what it does when
/// peers come and go.
public interface NetworkBehaviour {
    /// The protocols that this behaviour answers. Asked once, when the host is built.
    List<InboundProtocol> protocols();

    /// A connection was opened. Must return at once: start a thread for whatever takes longer.
    default void connectionOpened(Connection connection) {}

    /// A connection has ended; follows its `connectionOpened`. Must return at once.
    default void connectionClosed(Connection connection) {}
}
