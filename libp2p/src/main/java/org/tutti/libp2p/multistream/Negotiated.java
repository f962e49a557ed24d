package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;
import org.tutti.libp2p.transport.ByteStream;

/// What two sides agreed on.
///
/// @param overRead bytes of the protocol itself that arrived with the negotiation: read them first
public record Negotiated(String protocol, Bytes overRead) {
    /// The stream as the protocol should read it: first what was over-read, then `stream`.
    public ByteStream continuing(ByteStream stream) {
        return overRead.isEmpty() ? stream : new PrefixedStream(overRead, stream);
    }
}
