package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;

import java.util.List;
import java.util.function.Predicate;

/// One side of a negotiation as a pure state machine: bytes in, a [Step] out. Not thread-safe.
///
/// For whoever drives a stream differently than [Multistream] does, for instance to let the
/// agreement travel with the first bytes of the protocol.
public sealed interface Negotiation permits DialerNegotiation, ListenerNegotiation {
    /// The side that proposes, best protocol first.
    static Negotiation dialer(List<String> protocols) {
        return new DialerNegotiation(protocols);
    }

    /// The side that agrees to the first proposal that is supported.
    static Negotiation listener(Predicate<String> supported) {
        return new ListenerNegotiation(supported);
    }

    /// What to send before anything was received; may be empty.
    Bytes start();

    /// Takes what has arrived.
    ///
    /// @throws NegotiationException if there can be no agreement: close the stream
    Step receive(byte[] bytes, int offset, int length) throws NegotiationException;
}
