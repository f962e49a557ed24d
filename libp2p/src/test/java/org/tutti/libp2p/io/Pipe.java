package org.tutti.libp2p.io;

import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Two connections that are each other's remote, in memory, with a bounded buffer each way: what
/// one does not read stops the other's writes, as with sockets.
public final class Pipe {
    private static final Multiaddr ADDRESS = Multiaddr.parse("/memory/1");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private final End dialer;
    private final End listener;

    /// @param capacity bytes each way
    public Pipe(int capacity) {
        Buffer there = new Buffer(capacity);
        Buffer back = new Buffer(capacity);
        dialer = new End(true, back, there);
        listener = new End(false, there, back);
    }

    public RawConnection dialer() {
        return dialer;
    }

    public RawConnection listener() {
        return listener;
    }

    private static final class Buffer {
        final byte[] ring;
        int start;
        int size;

        Buffer(int capacity) {
            ring = new byte[capacity];
        }
    }

    private final class End implements RawConnection {
        private final boolean isDialer;
        private final Buffer in;
        private final Buffer out;
        private volatile long timeout = Timeouts.FOREVER;

        End(boolean isDialer, Buffer in, Buffer out) {
            this.isDialer = isDialer;
            this.in = in;
            this.out = out;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            lock.lock();
            try {
                long left = timeout == Timeouts.FOREVER ? TimeUnit.MINUTES.toNanos(5) : timeout;
                while (in.size == 0) {
                    if (closed) {
                        return -1;
                    }
                    if (left <= 0) {
                        throw new SocketTimeoutException("pipe");
                    }
                    left = changed.awaitNanos(left);
                }
                int count = Math.min(length, in.size);
                for (int i = 0; i < count; i++) {
                    target[offset + i] = in.ring[(in.start + i) % in.ring.length];
                }
                in.start = (in.start + count) % in.ring.length;
                in.size -= count;
                changed.signalAll();
                return count;
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            lock.lock();
            try {
                for (int i = 0; i < length; i++) {
                    while (out.size == out.ring.length && !closed) {
                        changed.signalAll();
                        changed.await();
                    }
                    if (closed) {
                        throw new IOException("pipe is closed");
                    }
                    out.ring[(out.start + out.size++) % out.ring.length] = source[offset + i];
                }
                changed.signalAll();
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Multiaddr localAddress() {
            return ADDRESS;
        }

        @Override
        public Multiaddr remoteAddress() {
            return ADDRESS;
        }

        @Override
        public boolean isDialer() {
            return isDialer;
        }

        @Override
        public void setReadTimeout(Duration duration) {
            timeout = Timeouts.nanos(duration);
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
        }
    }
}
