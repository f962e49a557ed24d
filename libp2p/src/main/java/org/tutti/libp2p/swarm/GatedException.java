package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// Our own gater forbids this peer. Code `GATED`.
public final class GatedException extends SwarmException {
    private final transient PeerId peer;

    public GatedException(PeerId peer) {
        super("GATED", "not allowed to connect to " + peer, null);
        this.peer = peer;
    }

    public PeerId peer() {
        return peer;
    }
}
