package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.multistream.NegotiationException.Code;

import java.util.List;
import java.util.Optional;

/// The side that proposes, best protocol first, one at a time.
///
/// The header goes out together with the first proposal: connections/README.md lets both sides send
/// it "without waiting to receive data from the other side".
final class DialerNegotiation implements Negotiation {
    private final Messages inbox = new Messages();
    private final List<String> protocols;
    private int proposed;

    /// @param protocols at least one
    DialerNegotiation(List<String> protocols) {
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException("nothing to propose");
        }
        protocols.forEach(Messages::requireSendable);
        this.protocols = List.copyOf(protocols);
    }

    @Override
    public Bytes start() {
        return Bytes.wrap(Messages.encode(Messages.HEADER, protocols.getFirst()));
    }

    @Override
    public Step receive(byte[] bytes, int offset, int length) throws NegotiationException {
        inbox.add(bytes, offset, length);
        var _ = inbox.headerArrived();
        Bytes send = Bytes.EMPTY;
        for (Optional<String> message = inbox.next(); message.isPresent(); message = inbox.next()) {
            String text = message.get();
            // What follows a refusal would answer a proposal that has not been sent yet.
            if (!send.isEmpty()) {
                throw Messages.malformed("more answers than proposals");
            }
            if (text.equals(protocols.get(proposed))) {
                return new Step.Agreed(Bytes.EMPTY, text, inbox.rest());
            }
            if (!text.equals(Messages.NOT_AVAILABLE)) {
                throw Messages.malformed("the answer is neither the proposal nor \"na\"");
            }
            send = proposeNext();
        }
        return new Step.Continue(send);
    }

    private Bytes proposeNext() throws NegotiationException {
        proposed++;
        if (proposed == protocols.size()) {
            throw new NegotiationException(
                    Code.NOT_SUPPORTED, "the other side supports none of " + protocols);
        }
        return Bytes.wrap(Messages.encode(protocols.get(proposed)));
    }
}
