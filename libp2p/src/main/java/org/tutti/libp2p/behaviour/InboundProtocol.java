package org.tutti.libp2p.behaviour;

import org.tutti.libp2p.swarm.StreamHandler;

/// A protocol that is answered.
///
/// @param id the name in multistream-select, such as `/ipfs/ping/1.0.0`
/// @param maxStreamsPerPeer open inbound streams of one peer; one more is reset
public record InboundProtocol(String id, int maxStreamsPerPeer, StreamHandler handler) {
    public InboundProtocol {
        if (!id.startsWith("/") || id.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    "a protocol id starts with / and is one line: " + id);
        }
        if (maxStreamsPerPeer < 1) {
            throw new IllegalArgumentException("maxStreamsPerPeer must be at least 1");
        }
    }
}
