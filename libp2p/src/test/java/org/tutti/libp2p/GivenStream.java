package org.tutti.libp2p;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;

/// A stream whose remote says what it is given, in pieces, and then ends its direction. Of what is
/// written to it only the length is kept.
public final class GivenStream implements Stream {
    private static final PeerId REMOTE =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    private final byte[] input;
    private final SplittableRandom pieces;
    private int at;
    private long written;
    private boolean reset;

    /// @param pieces how the input is cut, the same for the same number
    public GivenStream(byte[] input, long pieces) {
        this.input = input;
        this.pieces = new SplittableRandom(pieces);
    }

    /// How many bytes were written so far.
    public long written() {
        return written;
    }

    /// Whether it was reset by whoever used it.
    public boolean isReset() {
        return reset;
    }

    /// What nobody has read yet.
    public int left() {
        return input.length - at;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        requireAlive();
        if (length == 0) {
            return 0;
        }
        if (at == input.length) {
            return -1;
        }
        int most = Math.min(length, input.length - at);
        int count = pieces.nextBoolean() ? most : 1 + pieces.nextInt(most);
        System.arraycopy(input, at, target, offset, count);
        at += count;
        return count;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        requireAlive();
        written += length;
    }

    private void requireAlive() throws StreamResetException {
        if (reset) {
            throw new StreamResetException(false, 0, "reset");
        }
    }

    @Override
    public PeerId remotePeer() {
        return REMOTE;
    }

    @Override
    public String protocol() {
        return "/given/1.0.0";
    }

    @Override
    public Connection connection() {
        throw new IllegalStateException("a given stream has no connection");
    }

    @Override
    public boolean isInbound() {
        return true;
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        // It never waits.
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        // It never waits.
    }

    @Override
    public void closeWrite() {
        // Nobody waits for the end.
    }

    @Override
    public void closeRead() {
        at = input.length;
    }

    @Override
    public void reset() {
        reset = true;
    }

    @Override
    public void close() {
        closeRead();
    }
}
