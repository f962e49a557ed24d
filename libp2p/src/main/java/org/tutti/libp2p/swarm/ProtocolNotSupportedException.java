package org.tutti.libp2p.swarm;

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

    public List<String> proposed() {
        return proposed;
    }
}
