package org.tutti.libp2p.multistream;

import org.tutti.bytes.Bytes;
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
    private boolean headerSeen;

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
        Bytes send = Bytes.EMPTY;
        for (Optional<String> message = inbox.next(); message.isPresent(); message = inbox.next()) {
            String text = message.get();
            if (!headerSeen) {
                // "If either side receives anything other than the multistream protocol id as the
                // first
                // message, they abort the negotiation process."
                if (!text.equals(Messages.HEADER)) {
                    throw Messages.malformed("the first message is not the multistream header");
                }
                headerSeen = true;
            } else if (text.equals(protocols.get(proposed))) {
                return new Step.Agreed(send, text, inbox.rest());
            } else if (text.equals(Messages.NOT_AVAILABLE)) {
                // A second answer to one proposal would be taken for the answer to the next.
                if (!send.isEmpty()) {
                    throw Messages.malformed("more answers than proposals");
                }
                send = proposeNext();
            } else {
                throw Messages.malformed("the answer is neither the proposal nor \"na\"");
            }
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
