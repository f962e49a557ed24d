package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

import java.time.Duration;

/// Every address of a peer failed a short while ago, and none is dialled again yet; see
/// [DialOptions#ignoreBackoff]. Code `DIAL_BACKOFF`.
public final class DialBackoffException extends SwarmException {
    private final transient PeerId peer;
    private final Duration left;

    /// @param left until the first of them may be dialled
    public DialBackoffException(PeerId peer, Duration left) {
        super(
                "DIAL_BACKOFF",
                "dialling " + peer + " failed, it is tried again in " + seconds(left) + " s",
                null);
        this.peer = peer;
        this.left = left;
    }

    private static long seconds(Duration left) {
        return left.plusMillis(999).toSeconds();
    }

    public PeerId peer() {
        return peer;
    }

    /// How long it is until an address of this peer is dialled again.
    public Duration left() {
        return left;
    }
}
