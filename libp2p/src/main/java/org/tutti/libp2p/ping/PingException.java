package org.tutti.libp2p.ping;

import org.tutti.libp2p.identity.PeerId;

import java.io.IOException;

/// A peer answered a ping with other bytes than it was sent: it misbehaves.
public final class PingException extends IOException {
    private final transient PeerId peer;

    public PingException(PeerId peer) {
        super(peer + " answered a ping with other bytes");
        this.peer = peer;
    }

    public PeerId peer() {
        return peer;
    }
}
