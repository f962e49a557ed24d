package org.tutti.lightclient.headers;

import org.tutti.bitcoin.block.BlockHeader;

import java.util.ArrayList;
import java.util.List;

/// Headers in memory, 80 bytes each, gone with the process.
public final class MemoryHeaderStore implements HeaderStore {
    private static final int CHUNK = 1 << 12;

    private final ChainStart start;
    private final List<byte[]> chunks = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private int size;

    public MemoryHeaderStore(ChainStart start) {
        this.start = start;
        append(start.first().serialize().toArray(), 0, 1);
    }

    @Override
    public ChainStart start() {
        return start;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void append(byte[] headers, int offset, int count) {
        for (int i = 0; i < count; i++) {
            if (size / CHUNK == chunks.size()) {
                chunks.add(new byte[CHUNK * BlockHeader.LENGTH]);
            }
            System.arraycopy(
                    headers,
                    offset + i * BlockHeader.LENGTH,
                    chunks.get(size / CHUNK),
                    at(size),
                    BlockHeader.LENGTH);
            size++;
        }
    }

    private static int at(int position) {
        return position % CHUNK * BlockHeader.LENGTH;
    }

    @Override
    public void truncate(int newSize) {
        size = Math.min(size, newSize);
        while (chunks.size() > (size + CHUNK - 1) / CHUNK) {
            chunks.removeLast();
        }
    }

    @Override
    public int i32(int position, int offset) {
        return RawHeader.i32(chunks.get(position / CHUNK), at(position) + offset);
    }

    @Override
    public long i64(int position, int offset) {
        return RawHeader.i64(chunks.get(position / CHUNK), at(position) + offset);
    }

    @Override
    public void copy(int position, byte[] target, int at) {
        System.arraycopy(
                chunks.get(position / CHUNK), at(position), target, at, BlockHeader.LENGTH);
    }

    @Override
    public List<Mark> marks() {
        return List.copyOf(marks);
    }

    @Override
    public void mark(Mark mark) {
        marks.add(mark);
    }

    @Override
    public void force() {
        // Nothing is written to a disk.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
