package org.tutti.libp2p.requestresponse;

import org.tutti.libp2p.identity.PeerId;

import java.io.IOException;

/// Answers the requests of one protocol. Called on many threads at a time.
@FunctionalInterface
public interface RequestHandler {
    /// May block. What takes longer than the exchange may is answered to nobody; it is not
    /// interrupted.
    ///
    /// @param peer who asks, proven by the connection's handshake
    /// @return the response, at most as long as `RequestResponse.Builder.maxResponse` says
    /// @throws IOException or anything unchecked, to give no response: the stream is reset
    byte[] respond(PeerId peer, byte[] request) throws IOException;
}
