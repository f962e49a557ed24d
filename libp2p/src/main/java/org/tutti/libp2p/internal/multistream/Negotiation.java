package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multistream.NegotiationException;

import java.util.List;
import java.util.function.Predicate;

/// One side of a negotiation as a pure state machine: bytes in, a [Step] out. Not thread-safe.
///
/// The driver sends [#start], feeds what it reads to [#receive], and sends what each step asks for.
/// It may let the first flight of a dialer that offers one protocol, and the last flight of a
/// listener, travel with the first bytes of the protocol itself: each saves a packet, the first a
/// round trip.
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
