package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// No connection to this peer is open that may be used, and none was to be made
/// ([DialOptions#noDial]). Code `NOT_CONNECTED`.
public final class NotConnectedException extends SwarmException {
    private final transient PeerId peer;

    public NotConnectedException(PeerId peer) {
        super("NOT_CONNECTED", "not connected to " + peer, null);
        this.peer = peer;
    }

    public PeerId peer() {
        return peer;
    }
}
