package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

/// Another peer answered at an address: it proved another identity than the one dialled. Code
/// `WRONG_PEER_ID`.
public final class WrongPeerException extends SwarmException {
    private final transient PeerId expected;
    private final transient Multiaddr address;

    public WrongPeerException(PeerId expected, Multiaddr address, Throwable cause) {
        super("WRONG_PEER_ID", address + " is not " + expected + ": " + cause.getMessage(), cause);
        this.expected = expected;
        this.address = address;
    }

    public PeerId expected() {
        return expected;
    }

    public Multiaddr address() {
        return address;
    }
}
