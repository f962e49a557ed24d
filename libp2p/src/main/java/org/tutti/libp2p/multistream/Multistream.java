package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;
import org.tutti.libp2p.transport.ByteStream;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Agrees on a protocol over a stream, blocking (libp2p/specs
/// connections/README.md#multistream-select).
///
/// Each flight is one write. How long the other side may take is the stream's read timeout. After
/// an exception the stream is of no use: close or reset it.
public final class Multistream {
    /// Enough for header and answer of any protocol that exists, in one read.
    private static final int READ_SIZE = 512;

    private Multistream() {}

    /// Proposes `protocols`, best first, until the other side takes one.
    ///
    /// @throws NegotiationException if it takes none, or does not speak multistream-select
    public static Negotiated dial(ByteStream stream, List<String> protocols) throws IOException {
        return run(stream, new DialerNegotiation(protocols));
    }

    /// Proposes one protocol without waiting for the answer: header and proposal leave together
    /// with the first write, or before the first read, whichever comes first, and the answer is
    /// checked by the first read. Saves a round trip and a packet where the answer is hardly in
    /// doubt.
    ///
    /// The returned stream throws [NegotiationException] from its first read if the other side does
    /// not agree. Write or read before closing the stream, or the other side learns nothing.
    public static ByteStream dialLazily(ByteStream stream, String protocol) {
        return new LazyStream(stream, protocol);
    }

    /// Answers proposals until one is in `protocols`.
    ///
    /// @throws NegotiationException if the other side runs out of proposals that we count, or does
    ///   not speak multistream-select
    public static Negotiated listen(ByteStream stream, Set<String> protocols) throws IOException {
        return listen(stream, protocols::contains);
    }

    /// Answers proposals until `supported` says yes to one.
    ///
    /// @throws NegotiationException as the other `listen`
    public static Negotiated listen(ByteStream stream, Predicate<String> supported)
            throws IOException {
        return run(stream, new ListenerNegotiation(supported));
    }

    private static Negotiated run(ByteStream stream, Negotiation negotiation) throws IOException {
        send(stream, negotiation.start());
        return await(stream, negotiation);
    }

    static Negotiated await(ByteStream stream, Negotiation negotiation) throws IOException {
        byte[] buffer = new byte[READ_SIZE];
        while (true) {
            int count = stream.read(buffer, 0, buffer.length);
            if (count < 0) {
                throw new EOFException("the stream ended before a protocol was agreed on");
            }
            Step step = negotiation.receive(buffer, 0, count);
            send(stream, step.send());
            if (step instanceof Step.Agreed agreed) {
                return new Negotiated(agreed.protocol(), agreed.overRead());
            }
        }
    }

    private static void send(ByteStream stream, Bytes bytes) throws IOException {
        if (!bytes.isEmpty()) {
            stream.write(bytes.toArray(), 0, bytes.length());
        }
    }
}
