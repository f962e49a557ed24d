package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.transport.TransportException;

/// What metrics call a failure.
final class Outcomes {
    private Outcomes() {}

    /// One of a few upper-case names.
    static String of(Exception failure) {
        return switch (failure) {
            case TransportException e -> e.code().name();
            case HandshakeException e -> e.code().name();
            case NegotiationException e -> e.code().name();
            case SwarmException e -> e.code();
            default -> "FAILED";
        };
    }
}
