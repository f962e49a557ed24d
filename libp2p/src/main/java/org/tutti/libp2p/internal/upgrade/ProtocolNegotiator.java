package org.tutti.libp2p.internal.upgrade;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.multistream.Negotiated;
import org.tutti.libp2p.internal.multistream.Negotiation;
import org.tutti.libp2p.internal.multistream.Step;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.multistream.NegotiationException;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/// Drives multistream-select so that its bytes travel along with others where they can: the last
/// thing that a side has to say is handed back instead of sent.
public final class ProtocolNegotiator {
    /// Header and answer of any protocol that exists, and a small first message.
    private static final int READ_SIZE = 256;

    private ProtocolNegotiator() {}

    /// What a listener agreed to.
    ///
    /// @param consent what is still to be sent to the dialer, best along with the first answer
    /// @param readAhead what was read beyond the proposal
    public record Accepted(String protocol, Bytes consent, Bytes readAhead) {}

    /// Proposes the protocols, best first, until the remote takes one.
    ///
    /// @throws NegotiationException with `NOT_SUPPORTED` if the remote takes none
    public static Negotiated dial(ByteStream stream, List<String> wanted) throws IOException {
        Negotiation negotiation = Negotiation.dialer(wanted);
        send(stream, negotiation.start());
        return reply(stream, negotiation);
    }

    /// Waits for the remote's answer to proposals of which the first has been sent.
    ///
    /// @throws NegotiationException with `NOT_SUPPORTED` if the remote takes none
    static Negotiated reply(ByteStream stream, Negotiation negotiation) throws IOException {
        Step.Agreed agreed = run(stream, negotiation);
        send(stream, agreed.send());
        return new Negotiated(agreed.protocol(), agreed.readAhead());
    }

    /// Waits for a proposal that is supported.
    public static Accepted accept(ByteStream stream, Predicate<String> supported)
            throws IOException {
        Step.Agreed agreed = run(stream, Negotiation.listener(supported));
        return new Accepted(agreed.protocol(), agreed.send(), agreed.readAhead());
    }

    private static Step.Agreed run(ByteStream stream, Negotiation negotiation) throws IOException {
        byte[] buffer = new byte[READ_SIZE];
        while (true) {
            int count = stream.read(buffer, 0, buffer.length);
            if (count < 0) {
                throw new EOFException("the remote ended the stream before agreeing on a protocol");
            }
            switch (negotiation.receive(buffer, 0, count)) {
                case Step.Agreed agreed -> {
                    return agreed;
                }
                case Step.Continue(Bytes bytes) -> send(stream, bytes);
            }
        }
    }

    private static void send(ByteStream stream, Bytes bytes) throws IOException {
        if (!bytes.isEmpty()) {
            stream.write(bytes.toArray(), 0, bytes.length());
        }
    }
}
