package org.tutti.libp2p.swarm;

import java.io.IOException;

/// Answers the inbound streams of one protocol.
@FunctionalInterface
public interface StreamHandler {
    /// Runs on a virtual thread of its own and may block. On return the stream is closed; an
    /// exception resets this stream and nothing else, and is told as [HandlerFailed]. To keep the
    /// stream for longer, do not return.
    ///
    /// Each read may wait as long as `HostBuilder.handlerReadTimeout` says, unless the handler sets
    /// another limit. A host that is closed interrupts its handlers; what does not end then is told
    /// as [HandlerStillRunning].
    void handle(Stream stream) throws IOException;
}
