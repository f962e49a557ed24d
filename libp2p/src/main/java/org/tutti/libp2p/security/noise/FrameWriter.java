package org.tutti.libp2p.security.noise;

import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.MemoryScope.Priority;

import java.io.IOException;
import java.util.Arrays;

/// Packs plaintext into Noise frames, several of them into one write of the connection underneath.
/// One thread at a time.
///
/// Plaintext is copied to where its ciphertext will be and encrypted there. The buffer starts small
/// and grows up to [#FLUSH_AT] and one frame, as far as there is memory: without, frames are
/// smaller and writes more.
final class FrameWriter {
    /// A Noise message is at most this long (noise/README.md#wire-format).
    static final int MAX_FRAME = 65_535;

    /// rust-libp2p refuses frames with more plaintext than this, though the specification allows
    /// 65,519.
    static final int MAX_PLAINTEXT = 64_511;

    private static final int START_CAPACITY = 2048;
    private static final int LENGTH_PREFIX = 2;
    private static final int FRAME_OVERHEAD = LENGTH_PREFIX + CipherState.TAG_LENGTH;

    /// With this much ciphertext at hand it is written without waiting for more.
    static final int FLUSH_AT = 4 * (MAX_PLAINTEXT + FRAME_OVERHEAD);

    private final ByteStream target;
    private final CipherState cipher;
    private byte[] buffer;
    private BufferMemory memory = new BufferMemory(MemoryScope.unlimited());
    private int limit;
    private int frameStart = -1;

    FrameWriter(ByteStream target, CipherState cipher) {
        this(target, cipher, CipherState.EMPTY);
    }

    /// @param unsent finished frames that go before all others, few
    FrameWriter(ByteStream target, CipherState cipher, byte[] unsent) {
        this.target = target;
        this.cipher = cipher;
        buffer = new byte[Math.max(START_CAPACITY, unsent.length)];
        System.arraycopy(unsent, 0, buffer, 0, unsent.length);
        this.limit = unsent.length;
    }

    /// What the buffer grows in from now on.
    void setMemory(BufferMemory newMemory) {
        memory = newMemory;
    }

    /// Adds plaintext; writes to the connection only if the buffer is full.
    void append(byte[] source, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            int plain = frameStart < 0 ? 0 : limit - frameStart - LENGTH_PREFIX;
            int fixed = limit + (frameStart < 0 ? LENGTH_PREFIX : 0) + CipherState.TAG_LENGTH;
            int count = roomFor(fixed, Math.min(left, MAX_PLAINTEXT - plain));
            if (count <= 0) {
                flush();
                continue;
            }
            if (frameStart < 0) {
                frameStart = limit;
                limit += LENGTH_PREFIX;
            }
            System.arraycopy(source, from, buffer, limit, count);
            limit += count;
            from += count;
            left -= count;
            if (limit - frameStart - LENGTH_PREFIX == MAX_PLAINTEXT) {
                seal();
                if (limit >= FLUSH_AT) {
                    flush();
                }
            }
        }
    }

    /// Makes room in the buffer.
    ///
    /// @param fixed bytes that are needed beside the plaintext
    /// @return for how much of the plaintext there is room
    private int roomFor(int fixed, int plaintext) {
        int wanted = fixed + plaintext;
        if (wanted > buffer.length) {
            int capacity = Math.max(wanted, Math.min(buffer.length * 2, FLUSH_AT + FRAME_OVERHEAD));
            if (!memory.grow(capacity - buffer.length, Priority.OPTIONAL)) {
                return buffer.length - fixed;
            }
            buffer = Arrays.copyOf(buffer, capacity);
        }
        return plaintext;
    }

    /// Writes all that was added.
    void flush() throws IOException {
        if (frameStart >= 0) {
            seal();
        }
        if (limit > 0) {
            int length = limit;
            limit = 0;
            target.write(buffer, 0, length);
        }
    }

    private void seal() throws IOException {
        int start = frameStart + LENGTH_PREFIX;
        cipher.encrypt(CipherState.EMPTY, buffer, start, limit - start, buffer, start);
        limit += CipherState.TAG_LENGTH;
        int length = limit - start;
        buffer[frameStart] = (byte) (length >> 8);
        buffer[frameStart + 1] = (byte) length;
        frameStart = -1;
    }
}
