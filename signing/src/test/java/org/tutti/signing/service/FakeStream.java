package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A stream that reads from a script and whose peer may stop reading.
final class FakeStream implements Stream {
    private final byte[] script;
    private final int chunk;
    private final CountDownLatch reset = new CountDownLatch(1);
    private final CountDownLatch writing = new CountDownLatch(1);
    private final List<byte[]> written = new ArrayList<>();
    private final boolean stalled;
    private final @Nullable PeerId peer;
    private final AtomicInteger position = new AtomicInteger(); // moved by the one reader
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean connectionOpen = true;
    private final Connection connection =
            (Connection)
                    Proxy.newProxyInstance(
                            Connection.class.getClassLoader(),
                            new Class<?>[] {Connection.class},
                            (_, method, _) ->
                                    switch (method.getName()) {
                                        case "isOpen" -> isConnectionOpen();
                                        case "toString" -> "a connection";
                                        default -> throw new UnsupportedOperationException();
                                    });
    private volatile Duration writeTimeout = Duration.ZERO;
    private Duration readTimeout = Duration.ZERO;

    /// @param chunk most bytes returned by one read
    /// @param stalled whether writes wait until the stream is reset
    FakeStream(byte[] script, int chunk, boolean stalled) {
        this(script, chunk, stalled, null);
    }

    /// @param peer whose stream it is, if the test asks
    FakeStream(byte[] script, int chunk, boolean stalled, @Nullable PeerId peer) {
        this.peer = peer;
        this.script = script.clone();
        this.chunk = chunk;
        this.stalled = stalled;
    }

    void awaitReset() throws InterruptedException {
        reset.await();
    }

    /// Until somebody writes, who may wait then.
    void awaitWrite() throws InterruptedException {
        writing.await();
    }

    void awaitClosed() throws InterruptedException {
        closed.await();
    }

    /// The peer has ended the stream's connection.
    void endConnection() {
        connectionOpen = false;
    }

    private boolean isConnectionOpen() {
        return connectionOpen;
    }

    /// How long a write may take.
    Duration writeTimeout() {
        return writeTimeout;
    }

    /// How many bytes of the script were read.
    int position() {
        return position.get();
    }

    synchronized List<byte[]> written() {
        return List.copyOf(written);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int from = position.get();
        if (from == script.length) {
            if (readTimeout.isZero()) {
                return -1;
            }
            throw new SocketTimeoutException("the peer says nothing more");
        }
        int got = Math.min(Math.min(length, chunk), script.length - from);
        System.arraycopy(script, from, target, offset, got);
        position.set(from + got);
        return got;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        writing.countDown();
        if (stalled) {
            try {
                reset.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("reset");
        }
        synchronized (this) {
            byte[] copy = new byte[length];
            System.arraycopy(source, offset, copy, 0, length);
            written.add(copy);
            notifyAll();
        }
    }

    @Override
    public PeerId remotePeer() {
        return Objects.requireNonNull(peer);
    }

    @Override
    public String protocol() {
        return SigningService.PROTOCOL;
    }

    /// One that knows whether it is open, and nothing else.
    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public boolean isInbound() {
        return false;
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        readTimeout = timeout;
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        writeTimeout = timeout;
    }

    @Override
    public void closeRead() {
        throw new UnsupportedOperationException("nobody stops reading");
    }

    @Override
    public void closeWrite() {}

    @Override
    public void reset() {
        reset.countDown();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
