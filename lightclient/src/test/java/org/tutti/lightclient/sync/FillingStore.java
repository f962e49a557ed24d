package org.tutti.lightclient.sync;

import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderStore;
import org.tutti.lightclient.headers.HeaderStoreException;

import java.util.List;
import java.util.function.BooleanSupplier;

/// A store on a disk that is full now and then.
record FillingStore(HeaderStore inner, BooleanSupplier isFull) implements HeaderStore {
    @Override
    public ChainStart start() {
        return inner.start();
    }

    @Override
    public int size() {
        return inner.size();
    }

    @Override
    public void append(byte[] headers, int offset, int count) {
        if (isFull.getAsBoolean()) {
            throw new HeaderStoreException(HeaderStoreException.Code.DISK_FULL, "no space left");
        }
        inner.append(headers, offset, count);
    }

    @Override
    public void truncate(int size) {
        inner.truncate(size);
    }

    @Override
    public int i32(int position, int offset) {
        return inner.i32(position, offset);
    }

    @Override
    public long i64(int position, int offset) {
        return inner.i64(position, offset);
    }

    @Override
    public void copy(int position, byte[] target, int at) {
        inner.copy(position, target, at);
    }

    @Override
    public List<Mark> marks() {
        return inner.marks();
    }

    @Override
    public void mark(Mark mark) {
        inner.mark(mark);
    }

    @Override
    public void force() {
        inner.force();
    }

    @Override
    public void close() {
        inner.close();
    }
}
