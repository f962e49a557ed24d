package org.tutti.libp2p.internal.pubsub.driver;

import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;

/// A stream whose remote sends one byte at a time.
final class GivenStreamOfBytes implements Stream {
    private final GivenStream given;
    private final Runnable beforeEach;

    /// @param beforeEach called before each byte comes
    GivenStreamOfBytes(byte[] input, Runnable beforeEach) {
        this.given = new GivenStream(input, 1);
        this.beforeEach = beforeEach;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        beforeEach.run();
        return given.read(target, offset, Math.min(length, 1));
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        given.write(source, offset, length);
    }

    @Override
    public PeerId remotePeer() {
        return given.remotePeer();
    }

    @Override
    public String protocol() {
        return given.protocol();
    }

    @Override
    public Connection connection() {
        return given.connection();
    }

    @Override
    public boolean isInbound() {
        return true;
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        given.setReadTimeout(timeout);
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        given.setWriteTimeout(timeout);
    }

    @Override
    public void closeWrite() {
        given.closeWrite();
    }

    @Override
    public void closeRead() {
        given.closeRead();
    }

    @Override
    public void reset() {
        given.reset();
    }

    @Override
    public void close() {
        given.close();
    }
}
