package org.tutti.libp2p.muxer.yamux;

import java.util.ArrayDeque;

/// Bytes that arrived for a stream and were not read yet. Its owner keeps it under a lock; how much
/// can be in it is bounded by the stream's receive window.
final class ReceiveBuffer {
    private static final int MIN_CHUNK = 512;
    private static final int MAX_CHUNK = 65_536;

    private static final class Chunk {
        final byte[] data;
        int from;
        int to;

        Chunk(int capacity) {
            data = new byte[capacity];
        }
    }

    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private int size;
    private long memory;

    int size() {
        return size;
    }

    /// What it takes in memory.
    long memory() {
        return memory;
    }

    /// What it takes once so many bytes are added.
    long memoryWith(int length) {
        Chunk last = chunks.peekLast();
        int left = length - (last == null ? 0 : last.data.length - last.to);
        long with = memory;
        while (left > 0) {
            int capacity = capacityFor(left);
            with += capacity;
            left -= capacity;
        }
        return with;
    }

    private static int capacityFor(int length) {
        return Math.max(MIN_CHUNK, Math.min(length, MAX_CHUNK));
    }

    void add(byte[] source, int offset, int length) {
        int at = offset;
        int left = length;
        size += length;
        while (left > 0) {
            Chunk last = chunks.peekLast();
            if (last == null || last.to == last.data.length) {
                last = new Chunk(capacityFor(left));
                memory += last.data.length;
                chunks.addLast(last);
            }
            int count = Math.min(left, last.data.length - last.to);
            System.arraycopy(source, at, last.data, last.to, count);
            last.to += count;
            at += count;
            left -= count;
        }
    }

    /// @return how many bytes were moved, 0 if there are none
    int take(byte[] target, int offset, int length) {
        int done = 0;
        while (done < length) {
            Chunk first = chunks.peekFirst();
            if (first == null) {
                break;
            }
            int count = Math.min(length - done, first.to - first.from);
            System.arraycopy(first.data, first.from, target, offset + done, count);
            first.from += count;
            done += count;
            if (first.from == first.to) {
                memory -= first.data.length;
                chunks.removeFirst();
            }
        }
        size -= done;
        return done;
    }

    void clear() {
        chunks.clear();
        size = 0;
        memory = 0;
    }
}
