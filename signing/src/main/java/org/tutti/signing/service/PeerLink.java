package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Backoff;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The one outbound stream to a peer, whatever groups it shares with this node, and the queue of
/// frames for it.
///
/// Its own virtual thread opens the stream whenever the peer is connected, and writes. Only this
/// thread uses the stream, except that [#offer] resets it from yet another thread when the queue
/// overflows. The lock guards queue and state and is never held during I/O. Frames offered while no
/// stream is open are dropped: the engines send everything again when the link is open.
final class PeerLink implements AutoCloseable {
    /// Longest time that a write may wait for the peer to read.
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(15);

    static final int MAX_WRITE = 64 << 10;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

    /// Opens streams to the peer.
    interface StreamOpener {
        /// @throws IOException if the peer is not connected or refuses the stream
        Stream open() throws IOException;
    }

    private final PeerId peer;
    private final StreamOpener streamOpener;
    private final Runnable onOpened;
    private final Runnable onClosed;
    private final LongSupplier maxBytes;
    private final Backoff backoff; // the link's thread alone
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private final Thread thread;
    private long queuedBytes;
    private boolean connected;
    private boolean closed;
    private @Nullable Stream stream;

    /// @param onOpened runs each time a stream was opened, before anything is written to it
    /// @param onClosed runs each time that such a stream is used no more
    /// @param maxBytes most bytes that wait, at each time; more resets the stream
    /// @param random for the pauses before another stream is tried; nothing secret
    PeerLink(
            PeerId peer,
            StreamOpener streamOpener,
            Runnable onOpened,
            Runnable onClosed,
            LongSupplier maxBytes,
            RandomGenerator random) {
        this.peer = peer;
        this.streamOpener = streamOpener;
        this.onOpened = onOpened;
        this.onClosed = onClosed;
        this.maxBytes = maxBytes;
        this.backoff = new Backoff(FIRST_PAUSE, MAX_PAUSE, random);
        this.thread = Thread.ofVirtual().name("sign-to-" + peer).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Sets whether the peer is connected.
    void connected(boolean value) {
        lock.lock();
        try {
            connected = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        lock.lock();
        try {
            return stream != null;
        } finally {
            lock.unlock();
        }
    }

    /// Whether the open stream is one of this connection.
    @SuppressWarnings("ReferenceEquality") // The same connection, not an equal one.
    boolean isOn(Connection connection) {
        lock.lock();
        try {
            return stream != null && stream.connection() == connection;
        } finally {
            lock.unlock();
        }
    }

    /// Queues a frame; never blocks.
    void offer(byte[] frame) {
        Stream overflowed = null;
        lock.lock();
        try {
            if (stream == null) {
                return;
            }
            if (queuedBytes + frame.length > maxBytes.getAsLong()) {
                overflowed = stream;
                stream = null;
                queue.clear();
                queuedBytes = 0;
            } else {
                queue.add(frame);
                queuedBytes += frame.length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (overflowed != null) {
            // A reset may block on the connection's writer, so not on the caller's thread.
            Thread.ofVirtual().start(overflowed::reset);
        }
    }

    private void run() {
        try {
            while (awaitConnected()) {
                long start = System.nanoTime();
                try (Stream open = streamOpener.open()) {
                    open.setWriteTimeout(WRITE_TIMEOUT);
                    write(open);
                } catch (IOException | RuntimeException _) {
                    // The stream ended, or the peer refuses it: try again after a pause.
                } finally {
                    forget();
                }
                if (System.nanoTime() - start > MAX_PAUSE.toNanos()) {
                    backoff.reset();
                }
                pause(backoff.next());
            }
        } catch (InterruptedException _) {
            // Closed; the stream is forgotten already.
        }
    }

    private boolean awaitConnected() throws InterruptedException {
        lock.lock();
        try {
            while (!connected && !closed) {
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /// A pause before the next stream. Closing the link ends it.
    private void pause(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void write(Stream open) throws IOException, InterruptedException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            stream = open;
        } finally {
            lock.unlock();
        }
        onOpened.run();
        try {
            while (true) {
                byte[] next = take(open);
                if (next.length == 0) {
                    return;
                }
                open.write(next, 0, next.length);
            }
        } catch (IOException e) {
            open.reset();
            throw e;
        } finally {
            forget();
            onClosed.run();
        }
    }

    /// The waiting frames, as many as fit one write; empty if this stream is no longer the current
    /// one.
    private byte[] take(Stream open) throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && isCurrent(open)) {
                changed.await();
            }
            if (!isCurrent(open)) {
                return new byte[0];
            }
            byte[] first = queue.remove();
            queuedBytes -= first.length;
            byte[] second = queue.peek();
            if (second == null || first.length + second.length > MAX_WRITE) {
                return first;
            }
            return join(first);
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // The same stream, not an equal one.
    private boolean isCurrent(Stream open) {
        return stream == open && !closed && connected && open.connection().isOpen();
    }

    private byte[] join(byte[] first) {
        int length = first.length;
        int frames = 0;
        for (byte[] frame : queue) {
            if (length + frame.length > MAX_WRITE) {
                break;
            }
            length += frame.length;
            frames++;
        }
        byte[] joined = new byte[length];
        System.arraycopy(first, 0, joined, 0, first.length);
        int at = first.length;
        for (int i = 0; i < frames; i++) {
            byte[] frame = queue.remove();
            System.arraycopy(frame, 0, joined, at, frame.length);
            at += frame.length;
            queuedBytes -= frame.length;
        }
        return joined;
    }

    private void forget() {
        lock.lock();
        try {
            stream = null;
            queue.clear();
            queuedBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }

    /// Waits until the thread has ended.
    void join() throws InterruptedException {
        thread.join();
    }

    @Override
    public String toString() {
        return "link to " + peer;
    }
}
