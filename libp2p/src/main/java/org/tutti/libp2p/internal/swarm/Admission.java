package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.transport.PeerCheck;

/// Asked as soon as a peer's identity is known: may it connect, and is there room for it? Who is
/// refused is closed before the muxer has said a word. Safe for all threads.
public final class Admission implements PeerCheck {
    private final ConnectionGater gater;
    // Volatile: set once, when the swarm is made, which needs the transports that need this.
    private volatile @Nullable Swarm swarm;

    public Admission(ConnectionGater gater) {
        this.gater = gater;
    }

    /// Whose connections are counted.
    public void attach(Swarm newSwarm) {
        swarm = newSwarm;
    }

    @Override
    public void check(PeerId peer, Multiaddr remoteAddress, boolean outbound)
            throws GatedException, LimitExceededException {
        if (!gater.allowSecured(peer, remoteAddress, outbound)) {
            throw new GatedException(peer);
        }
        Swarm counting = swarm;
        if (counting != null) {
            counting.requireRoom(peer, remoteAddress, outbound);
        }
    }
}
