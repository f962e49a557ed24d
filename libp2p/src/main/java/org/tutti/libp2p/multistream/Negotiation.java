package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;

/// One side of a negotiation as a pure state machine: bytes in, a [Step] out. Not thread-safe.
sealed interface Negotiation permits DialerNegotiation, ListenerNegotiation {
    /// What to send before anything was received; may be empty.
    Bytes start();

    /// Takes what has arrived.
    ///
    /// @throws NegotiationException if there can be no agreement: close the stream
    Step receive(byte[] bytes, int offset, int length) throws NegotiationException;
}
