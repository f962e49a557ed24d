package org.tutti.libp2p.swarm;

import java.io.IOException;

/// Answers the inbound streams of one protocol.
@FunctionalInterface
public interface StreamHandler {
    /// Runs on a virtual thread of its own and may block. On return the stream is closed; an
    /// exception resets this stream and nothing else. To keep the stream for longer, do not return.
    void handle(Stream stream) throws IOException;
}
