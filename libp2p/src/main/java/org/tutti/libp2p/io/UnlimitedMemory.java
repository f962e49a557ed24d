package org.tutti.libp2p.io;

/// Memory without a bound.
enum UnlimitedMemory implements MemoryScope {
    INSTANCE;

    @Override
    public boolean reserve(long bytes, Priority priority) {
        return true;
    }

    @Override
    public void release(long bytes) {}

    @Override
    public long used() {
        return 0;
    }

    @Override
    public void attach(Holder holder) {}

    @Override
    public void refused() {}
}
