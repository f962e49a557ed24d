package org.tutti.libp2p.swarm;

import org.tutti.libp2p.multistream.NegotiationException;

import java.io.IOException;
import java.util.List;

/// The remote speaks none of the protocols that were proposed. Code `PROTOCOL_NOT_SUPPORTED`.
public final class ProtocolNotSupportedException extends SwarmException {
    private final transient List<String> proposed;

    public ProtocolNotSupportedException(List<String> proposed) {
        super(
                "PROTOCOL_NOT_SUPPORTED",
                "the remote does not support " + String.join(", ", proposed),
                null);
        this.proposed = List.copyOf(proposed);
    }

    /// What a failed negotiation means to the user of a stream: this exception if the remote
    /// refused all proposals, the failure itself if the remote does not speak multistream-select.
    static IOException of(NegotiationException e, List<String> proposed) {
        return switch (e.code()) {
            case NOT_SUPPORTED -> new ProtocolNotSupportedException(proposed);
            case MALFORMED -> e;
        };
    }

    public List<String> proposed() {
        return proposed;
    }
}
