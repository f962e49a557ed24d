package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.multistream.NegotiationException.Code;

import java.util.Optional;
import java.util.function.Predicate;

/// The side that answers. It waits for the dialer's header and answers everything that has arrived
/// in one flight, so that header and agreement usually leave together.
final class ListenerNegotiation implements Negotiation {
    /// The most proposals, `ls` included, that are answered on one stream.
    static final int MAX_PROPOSALS = 32;

    private final Messages inbox = new Messages();
    private final Predicate<String> supported;
    private int proposals;

    ListenerNegotiation(Predicate<String> supported) {
        this.supported = supported;
    }

    @Override
    public Bytes start() {
        return Bytes.EMPTY;
    }

    @Override
    public Step receive(byte[] bytes, int offset, int length) throws NegotiationException {
        inbox.add(bytes, offset, length);
        Bytes send = inbox.headerArrived() ? answer(Bytes.EMPTY, Messages.HEADER) : Bytes.EMPTY;
        for (Optional<String> message = inbox.next(); message.isPresent(); message = inbox.next()) {
            String text = message.get();
            if (!text.equals(Messages.NOT_AVAILABLE) && supported.test(text)) {
                return new Step.Agreed(answer(send, text), text, inbox.rest());
            }
            proposals++;
            if (proposals >= MAX_PROPOSALS) {
                throw new NegotiationException(
                        Code.NOT_SUPPORTED, "none of " + MAX_PROPOSALS + " proposals is supported");
            }
            send = answer(send, Messages.NOT_AVAILABLE);
        }
        return new Step.Continue(send);
    }

    private static Bytes answer(Bytes before, String message) {
        return Bytes.concat(before, Bytes.wrap(Messages.encode(message)));
    }
}
