package org.tutti.libp2p.upgrade;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.multistream.Negotiation;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.transport.ByteStream;

import java.io.IOException;
import java.util.List;

/// The part of a negotiation that is still to come when a stream is handed to its user.
///
/// Either we proposed a single protocol: `unsent` is the proposal, and the remote's reply is still
/// to be read. Or we agreed to a proposal: `unsent` is our consent, and some of the protocol's own
/// bytes may have been read already. `unsent` is sent by the stream; the reading half of it is
/// here, and belongs to the thread that reads.
public final class LazyNegotiation {
    private final Bytes unsent;
    private final String protocol;
    private @Nullable Negotiation awaited;
    private byte[] overread;
    private int overreadAt;

    private LazyNegotiation(
            String protocol, Bytes unsent, @Nullable Negotiation awaited, Bytes overread) {
        this.protocol = protocol;
        this.unsent = unsent;
        this.awaited = awaited;
        this.overread = overread.toArray();
    }

    /// We propose this protocol and count on it.
    public static LazyNegotiation proposing(String protocol) {
        Negotiation negotiation = Negotiation.dialer(List.of(protocol));
        return new LazyNegotiation(protocol, negotiation.start(), negotiation, Bytes.EMPTY);
    }

    /// We agree to the remote's proposal.
    public static LazyNegotiation consenting(ProtocolNegotiator.Accepted accepted) {
        return new LazyNegotiation(
                accepted.protocol(), accepted.consent(), null, accepted.overread());
    }

    /// All is said; only over-read bytes are left.
    public static LazyNegotiation agreed(String protocol, Bytes overread) {
        return new LazyNegotiation(protocol, Bytes.EMPTY, null, overread);
    }

    public String protocol() {
        return protocol;
    }

    public Bytes unsent() {
        return unsent;
    }

    /// Whether bytes of the protocol itself are here already.
    public boolean hasOverread() {
        return overreadAt < overread.length;
    }

    /// Reads the remote's reply if it is still due, then bytes that came with it, then from the
    /// stream.
    ///
    /// @throws NegotiationException with `NOT_SUPPORTED` if the remote refuses
    public int read(ByteStream stream, byte[] target, int offset, int length) throws IOException {
        Negotiation negotiation = awaited;
        if (negotiation != null) {
            overread = ProtocolNegotiator.reply(stream, negotiation).overRead().toArray();
            awaited = null;
        }
        if (!hasOverread() || length == 0) {
            return stream.read(target, offset, length);
        }
        int count = Math.min(length, overread.length - overreadAt);
        System.arraycopy(overread, overreadAt, target, offset, count);
        overreadAt += count;
        return count;
    }
}
