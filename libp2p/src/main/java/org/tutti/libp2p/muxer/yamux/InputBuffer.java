package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.MemoryScope.Priority;

import java.io.IOException;
import java.util.Arrays;

/// What was read from the connection and not taken apart yet. For the reader's thread alone, but
/// for `received`.
///
/// Starts small, because most connections are idle, and grows when reads fill it, up to a size that
/// lets the layer below put a whole frame into it.
final class InputBuffer {
    private static final int START_CAPACITY = 2048;
    static final int MAX_CAPACITY = 66_000;

    private final ByteStream source;
    private final Turn turn;
    private final BufferMemory memory;
    private byte[] data = new byte[START_CAPACITY];
    private int position;
    private int limit;

    /// Of the reader's thread; what others see is `received`.
    private long total;

    // Volatile: written by the reader, read by whoever wants to know whether the remote lives.
    private volatile long received;

    /// @param turn told of what is read
    /// @param memory that it grows in; where there is none it stays small
    InputBuffer(ByteStream source, Turn turn, BufferMemory memory) {
        this.source = source;
        this.turn = turn;
        this.memory = memory;
    }

    byte[] data() {
        return data;
    }

    int position() {
        return position;
    }

    int available() {
        return limit - position;
    }

    /// How many bytes were read.
    long received() {
        return received;
    }

    void skip(int count) {
        position += count;
    }

    /// Reads until `wanted` bytes are there, at most a few.
    ///
    /// @return false at the end of the connection
    boolean fill(int wanted) throws IOException {
        while (limit - position < wanted) {
            if (position > 0) {
                System.arraycopy(data, position, data, 0, limit - position);
                limit -= position;
                position = 0;
            }
            int count = source.read(data, limit, data.length - limit);
            if (count < 0) {
                return false;
            }
            limit += count;
            total += count;
            received = total;
            turn.bytes(count);
            if (limit == data.length
                    && data.length < MAX_CAPACITY
                    && memory.grow(MAX_CAPACITY - data.length, Priority.OPTIONAL)) {
                data = Arrays.copyOf(data, MAX_CAPACITY);
            }
        }
        return true;
    }
}
