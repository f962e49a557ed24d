package org.tutti.libp2p.muxer.yamux;

import java.util.Arrays;

/// Encoded frames that wait to be written: one thread takes them all away while others leave more.
///
/// Its owner keeps it under a lock, and lets only one thread at a time have taken bytes.
final class PendingFrames {
    private static final int START_CAPACITY = 256;

    /// Larger buffers are not kept.
    private static final int MAX_SPARE = 4096;

    private byte[] bytes = new byte[START_CAPACITY];
    private byte[] spare = new byte[START_CAPACITY];
    private int length;
    private int takenMemory;

    boolean isEmpty() {
        return length == 0;
    }

    int length() {
        return length;
    }

    /// What it takes in memory beyond what every connection needs, the frames that were taken
    /// included.
    int memory() {
        return Math.max(0, bytes.length - MAX_SPARE) + takenMemory;
    }

    /// What `take` is going to take.
    byte[] bytes() {
        return bytes;
    }

    /// Adds a frame without payload.
    void add(Header header) {
        ensureCapacity(Header.SIZE);
        header.encode(bytes, length);
        length += Header.SIZE;
    }

    /// Adds a frame with payload; the bytes are copied.
    void add(Header header, byte[] payload, int offset) {
        ensureCapacity(Header.SIZE + header.length());
        header.encode(bytes, length);
        System.arraycopy(payload, offset, bytes, length + Header.SIZE, header.length());
        length += Header.SIZE + header.length();
    }

    private void ensureCapacity(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }

    /// Takes the frames away: from now on `bytes()`, as asked for before, is the caller's until it
    /// gives it back.
    ///
    /// @return how many bytes of it are frames
    int take() {
        int taken = length;
        if (taken > 0) {
            takenMemory = Math.max(0, bytes.length - MAX_SPARE);
            bytes = spare;
            length = 0;
        }
        return taken;
    }

    /// Ends what `take` began.
    ///
    /// @param taken what `bytes()` gave before
    /// @param takenLength what `take` returned
    void giveBack(byte[] taken, int takenLength) {
        if (takenLength > 0) {
            takenMemory = 0;
            spare = taken.length <= MAX_SPARE ? taken : new byte[START_CAPACITY];
        }
    }

    void clear() {
        length = 0;
    }
}
