package org.tutti.libp2p.internal.upgrade;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.multistream.Negotiation;
import org.tutti.libp2p.internal.time.DeadlineStream;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.multistream.NegotiationException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/// The part of a negotiation that is still to come when a stream is handed to its user.
///
/// Either we proposed a single protocol: `unsent` is the proposal, and the remote's reply is still
/// to be read. Or we agreed to a proposal: `unsent` is our consent, and some of the protocol's own
/// bytes may have been read already. `unsent` is sent by the stream; the reading half of it is
/// here, and belongs to the thread that reads.
public final class LazyNegotiation {
    /// A reply that is still to be read.
    private record Reply(Negotiation negotiation, LongSupplier nanoClock) {}

    private final Bytes unsent;
    private final String protocol;
    private @Nullable Reply awaited;
    private byte[] readAhead;
    private int readAheadAt;

    // Volatile: set by any thread, seen by the read that takes the reply.
    private volatile Duration readTimeout = Duration.ZERO;

    private LazyNegotiation(
            String protocol, Bytes unsent, @Nullable Reply awaited, Bytes readAhead) {
        this.protocol = protocol;
        this.unsent = unsent;
        this.awaited = awaited;
        this.readAhead = readAhead.toArray();
    }

    /// We propose this protocol and count on it.
    ///
    /// @param nanoClock monotonic, in nanoseconds
    public static LazyNegotiation proposing(String protocol, LongSupplier nanoClock) {
        Negotiation negotiation = Negotiation.dialer(List.of(protocol));
        return new LazyNegotiation(
                protocol, negotiation.start(), new Reply(negotiation, nanoClock), Bytes.EMPTY);
    }

    /// We agree to the remote's proposal.
    public static LazyNegotiation consenting(ProtocolNegotiator.Accepted accepted) {
        return new LazyNegotiation(
                accepted.protocol(), accepted.consent(), null, accepted.readAhead());
    }

    /// Negotiation is complete; only bytes that were read ahead are left.
    public static LazyNegotiation agreed(String protocol, Bytes readAhead) {
        return new LazyNegotiation(protocol, Bytes.EMPTY, null, readAhead);
    }

    public String protocol() {
        return protocol;
    }

    public Bytes unsent() {
        return unsent;
    }

    /// Whether bytes of the protocol itself are here already.
    public boolean hasReadAhead() {
        return readAheadAt < readAhead.length;
    }

    /// Must be told what read timeout the stream is given, because the remote's reply and the bytes
    /// behind it have to arrive within it together.
    public void setReadTimeout(Duration timeout) {
        readTimeout = timeout;
    }

    /// Reads the remote's reply if it has not been read yet, then bytes that came with it, then
    /// from the stream.
    ///
    /// @throws NegotiationException with `NOT_SUPPORTED` if the remote refuses
    public int read(ByteStream stream, byte[] target, int offset, int length) throws IOException {
        Reply reply = awaited;
        return reply == null
                ? readOn(stream, target, offset, length)
                : readReplyAndOn(reply, stream, target, offset, length);
    }

    private int readReplyAndOn(
            Reply reply, ByteStream stream, byte[] target, int offset, int length)
            throws IOException {
        DeadlineStream limited = new DeadlineStream(stream, reply.nanoClock);
        long timeout = Timeouts.nanos(readTimeout);
        limited.start(timeout);
        try {
            readAhead = ProtocolNegotiator.reply(limited, reply.negotiation).readAhead().toArray();
            awaited = null;
            return readOn(limited, target, offset, length);
        } finally {
            if (timeout != Timeouts.FOREVER) {
                restoreReadTimeout(stream);
            }
        }
    }

    /// Again if it was changed meanwhile, so that the later change is the one that stays.
    private void restoreReadTimeout(ByteStream stream) {
        Duration restored;
        do {
            restored = readTimeout;
            stream.setReadTimeout(restored);
        } while (!restored.equals(readTimeout));
    }

    private int readOn(ByteStream stream, byte[] target, int offset, int length)
            throws IOException {
        if (!hasReadAhead() || length == 0) {
            return stream.read(target, offset, length);
        }
        int count = Math.min(length, readAhead.length - readAheadAt);
        System.arraycopy(readAhead, readAheadAt, target, offset, count);
        readAheadAt += count;
        return count;
    }
}
