package org.tutti.libp2p.multistream;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.transport.ByteStream;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// A stream that negotiates along the way: see [Multistream#dialLazily].
///
/// One thread may read while another writes. Whichever comes first sends the proposal, under this
/// object's lock, and the other waits for that.
final class LazyStream implements ByteStream {
    private final ByteStream stream;
    private final DialerNegotiation negotiation;
    private byte @Nullable [] proposal;

    /// Touched by the reading thread only.
    private @Nullable ByteStream agreed;

    LazyStream(ByteStream stream, String protocol) {
        this.stream = stream;
        this.negotiation = new DialerNegotiation(List.of(protocol));
        this.proposal = negotiation.start().toArray();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        ByteStream source = agreed;
        if (source == null) {
            propose(new byte[0], 0, 0);
            source = Multistream.await(stream, negotiation).continuing(stream);
            agreed = source;
        }
        return source.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        if (!propose(source, offset, length)) {
            stream.write(source, offset, length);
        }
    }

    /// Sends the proposal with `source` behind it, unless it has left already.
    ///
    /// Blocks under the lock, once, because nothing may overtake the proposal.
    private synchronized boolean propose(byte[] source, int offset, int length) throws IOException {
        byte[] first = proposal;
        if (first == null) {
            return false;
        }
        proposal = null;
        byte[] flight = Arrays.copyOf(first, first.length + length);
        System.arraycopy(source, offset, flight, first.length, length);
        stream.write(flight, 0, flight.length);
        return true;
    }
}
