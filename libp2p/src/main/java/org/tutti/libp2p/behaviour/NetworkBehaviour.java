package org.tutti.libp2p.behaviour;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.SwarmException;

import java.util.List;

/// One protocol of a host, or several that belong together: what it answers, and what it does when
/// peers come and go.
///
/// Every method is called from threads of the host, several at a time, and must return at once
/// where nothing else is said: use [BehaviourContext#start] for whatever takes longer.
public interface NetworkBehaviour {
    /// The protocols that this behaviour answers. Asked once, when the host is built.
    List<InboundProtocol> protocols();

    /// The host is being built: before any other call but `protocols`. Keep the context; nothing
    /// can be dialled yet.
    default void attached(BehaviourContext context) {}

    /// The host listens, and can dial from now on. Connections may have come before.
    default void started() {}

    /// The host is about to close its connections: the moment for a last word. The one method that
    /// may wait, a second at most, until what it says has arrived.
    default void stopping() {}

    /// A connection was opened. What is written here may travel with the last bytes of the
    /// handshake.
    default void connectionOpened(Connection connection) {}

    /// A connection has ended; follows its `connectionOpened`.
    default void connectionClosed(Connection connection) {}

    /// A dial of this host led to no connection.
    default void dialFailed(PeerId peer, SwarmException cause) {}

    /// An inbound connection was closed before it could carry streams.
    ///
    /// @param code as in [org.tutti.libp2p.swarm.SwarmEvent.InboundRefused]
    /// @param detail a sentence for a person
    default void inboundRefused(Multiaddr remoteAddress, String code, String detail) {}

    /// Where this host listens, or what its external addresses are, has changed.
    default void addressesChanged() {}

    /// What this host answers has changed.
    default void protocolsChanged() {}
}
