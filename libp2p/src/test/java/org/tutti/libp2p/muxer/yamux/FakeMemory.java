package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.io.MemoryScope;

import java.util.concurrent.CountDownLatch;

/// A budget of one connection.
final class FakeMemory implements MemoryScope {
    final CountDownLatch refusals = new CountDownLatch(1);

    /// Opens when somebody asks while it is full.
    final CountDownLatch asked = new CountDownLatch(1);

    private final long limit;
    private long used;
    @Nullable Holder holder;

    /// Whether others have taken the rest.
    private boolean full;

    FakeMemory(long limit) {
        this.limit = limit;
    }

    @Override
    public synchronized boolean reserve(long bytes, Priority priority) {
        if (full) {
            asked.countDown();
            return false;
        }
        if (used + bytes > limit) {
            return false;
        }
        used += bytes;
        return true;
    }

    synchronized void full(boolean value) {
        full = value;
    }

    @Override
    public synchronized void release(long bytes) {
        used -= bytes;
    }

    @Override
    public synchronized long used() {
        return used;
    }

    @Override
    public void attach(Holder newHolder) {
        holder = newHolder;
    }

    @Override
    public void refused() {
        refusals.countDown();
    }
}
