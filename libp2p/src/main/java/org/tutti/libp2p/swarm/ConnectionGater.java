package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.function.Predicate;

/// Who may connect, and for what. Asked at four points, from any thread and never under a lock of
/// the swarm; must answer at once. When the answers change, connections that no longer belong have
/// to be closed: by the action that `onChange` was given, or by `Host.closeIfNoLongerAllowed`.
public interface ConnectionGater {
    /// Before an address of a peer is dialled.
    default boolean allowDial(PeerId peer, Multiaddr address) {
        return true;
    }

    /// After an inbound connection was accepted, before a byte of it is read.
    default boolean allowAccept(Multiaddr remoteAddress) {
        return true;
    }

    /// After the handshake proved the peer's identity, in both directions.
    default boolean allowSecured(PeerId peer, Multiaddr remoteAddress, boolean outbound) {
        return true;
    }

    /// Before a stream that a peer opened is given to the handler of its protocol. A peer that may
    /// connect may use every protocol, unless this says otherwise.
    default boolean allowStream(PeerId peer, String protocol) {
        return true;
    }

    /// In which class the connections of a peer that may connect are counted. Asked once for each
    /// connection.
    default PeerClass classOf(PeerId peer) {
        return PeerClass.everybody();
    }

    /// Called once for each host that asks this gater: the action is to be run whenever answers
    /// have changed from yes to no. It returns at once.
    default void onChange(Runnable action) {}

    /// Everybody may connect.
    static ConnectionGater open() {
        return new ConnectionGater() {};
    }

    /// Only peers that pass the test may be dialled or stay after the handshake.
    static ConnectionGater peers(Predicate<PeerId> allowed) {
        return new ConnectionGater() {
            @Override
            public boolean allowDial(PeerId peer, Multiaddr address) {
                return allowed.test(peer);
            }

            @Override
            public boolean allowSecured(PeerId peer, Multiaddr remoteAddress, boolean outbound) {
                return allowed.test(peer);
            }
        };
    }
}
