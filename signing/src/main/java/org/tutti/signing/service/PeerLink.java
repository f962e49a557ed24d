package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.group.Member;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The one outbound stream to a member, and what waits for it.
///
/// A virtual thread of its own opens the stream whenever the member is connected, and writes; it
/// alone touches the stream, except that [#offer] resets it from yet another thread when the queue
/// overflows. The lock guards queue and state and is held for no input or output. What is offered
/// while no stream is open is dropped: the engine sends everything again when it hears that the
/// link is open.
final class PeerLink implements AutoCloseable {
    /// Longest time that a write may wait for the peer to read.
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(15);

    private static final int COALESCE = 64 << 10;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(5);

    /// Opens streams to the member.
    interface Opener {
        /// @throws IOException if the member is not connected or does not want the stream
        Stream open() throws IOException;
    }

    private final Member member;
    private final Opener opener;
    private final Runnable opened;
    private final int maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private final Thread thread;
    private int queuedBytes;
    private boolean connected;
    private boolean closed;
    private @Nullable Stream stream;

    /// @param opened told each time after a stream was opened, before anything is written to it
    /// @param maxBytes most bytes that wait; more resets the stream
    PeerLink(Member member, Opener opener, Runnable opened, int maxBytes) {
        this.member = member;
        this.opener = opener;
        this.opened = opened;
        this.maxBytes = maxBytes;
        this.thread = Thread.ofVirtual().name("sign-to-" + member.index()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// The member has a connection, or has none any more.
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

    /// Queues a frame; never waits.
    void offer(byte[] frame) {
        Stream overflown = null;
        lock.lock();
        try {
            if (stream == null) {
                return;
            }
            if (queuedBytes + frame.length > maxBytes) {
                overflown = stream;
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
        if (overflown != null) {
            // A reset may have to wait for the connection's writer: not on the caller's thread.
            Thread.ofVirtual().start(overflown::reset);
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        try {
            while (awaitConnected()) {
                long start = System.nanoTime();
                try (Stream open = opener.open()) {
                    open.setWriteTimeout(WRITE_TIMEOUT);
                    write(open);
                } catch (IOException | RuntimeException _) {
                    // The stream is gone, or the member refuses it: again after a pause.
                } finally {
                    forget();
                }
                boolean lasted = System.nanoTime() - start > LAST_PAUSE.toNanos();
                pause = lasted ? FIRST_PAUSE : shorter(pause.multipliedBy(2), LAST_PAUSE);
                pause(pause);
            }
        } catch (InterruptedException _) {
            forget();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
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

    /// A new connection ends the pause: the member may be quite another process by then.
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
        opened.run();
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
        }
    }

    /// What waits, as much of it as one write may carry; empty when this stream is no longer
    /// wanted.
    private byte[] take(Stream open) throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && wanted(open)) {
                changed.await();
            }
            if (!wanted(open)) {
                return new byte[0];
            }
            byte[] first = queue.remove();
            queuedBytes -= first.length;
            byte[] second = queue.peek();
            if (second == null || first.length + second.length > COALESCE) {
                return first;
            }
            return join(first);
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // This very stream, not one like it.
    private boolean wanted(Stream open) {
        return stream == open && !closed && connected && open.connection().isOpen();
    }

    private byte[] join(byte[] first) {
        int length = first.length;
        int frames = 0;
        for (byte[] frame : queue) {
            if (length + frame.length > COALESCE) {
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

    @Override
    public String toString() {
        return "link to " + member;
    }
}
