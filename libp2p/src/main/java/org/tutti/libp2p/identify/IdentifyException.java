package org.tutti.libp2p.identify;

import org.tutti.libp2p.identity.PeerId;

import java.io.IOException;

/// A peer's identify message breaks the protocol: it is too long, malformed, or about another peer.
public final class IdentifyException extends IOException {
    private final transient PeerId peer;

    public IdentifyException(PeerId peer, String detail) {
        super("identify message of " + peer + " " + detail);
        this.peer = peer;
    }

    public PeerId peer() {
        return peer;
    }
}
