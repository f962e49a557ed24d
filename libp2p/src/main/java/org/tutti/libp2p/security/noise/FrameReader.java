package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.ChannelException.Code;

import java.io.IOException;
import java.util.Arrays;

/// Frames of a 2-byte big-endian length and a Noise message (noise/README.md#wire-format), read
/// through one buffer: handshake messages first, then plaintext. One thread at a time.
///
/// The buffer starts small, because most connections are idle, and grows up to one largest frame
/// and what may be read ahead with it.
final class FrameReader {
    private static final int START_CAPACITY = 2048;
    private static final int LENGTH_PREFIX = 2;

    /// The most that the buffer grows to, whatever the remote sends.
    static final int MAX_CAPACITY = 2 * (LENGTH_PREFIX + FrameWriter.MAX_FRAME);

    /// Frames without plaintext, one after the other, above which the remote is ended.
    static final int MAX_EMPTY_FRAMES = 1024;

    private final ByteStream source;
    private final Turn turn = new Turn();
    private BufferMemory memory = new BufferMemory(MemoryScope.unlimited());
    private int emptyFrames;
    private byte[] buffer = new byte[START_CAPACITY];

    // Bytes from the wire that are not used yet: buffer[position, limit).
    private int position;
    private int limit;

    // Plaintext of the last frame that is not handed out yet: buffer[plainPosition, plainLimit).
    private int plainPosition;
    private int plainLimit;

    private @Nullable ChannelException failure;

    FrameReader(ByteStream source) {
        this.source = source;
    }

    /// What the buffer grows in from now on. What it has grown to so far is a handshake message.
    void setMemory(BufferMemory newMemory) {
        memory = newMemory;
    }

    /// The next frame as it is, for the handshake.
    ///
    /// @return the body, or null at the end of the stream
    /// @throws ChannelException with `BAD_LENGTH` if the frame is longer than `maxLength`
    byte @Nullable [] readHandshakeMessage(int maxLength) throws IOException {
        if (!fill(LENGTH_PREFIX)) {
            return null;
        }
        int length = peekLength();
        if (length > maxLength) {
            throw new ChannelException(
                    Code.BAD_LENGTH,
                    "handshake message of " + length + " bytes, at most " + maxLength);
        }
        if (!fill(LENGTH_PREFIX + length)) {
            return null;
        }
        int start = position + LENGTH_PREFIX;
        position = start + length;
        return Arrays.copyOfRange(buffer, start, position);
    }

    /// Plaintext, as `ByteStream.read`. A failure is final: every later read throws it again.
    int read(CipherState cipher, byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (plainPosition == plainLimit) {
            int direct = nextFrame(cipher, target, offset, length);
            if (direct != 0) {
                return direct;
            }
        }
        int count = Math.min(length, plainLimit - plainPosition);
        System.arraycopy(buffer, plainPosition, target, offset, count);
        plainPosition += count;
        return count;
    }

    /// Decrypts one frame: into the target if it fits, in place if not.
    ///
    /// @return bytes put into the target, 0 if they are in the buffer or the frame was empty, -1 at
    ///   the end
    private int nextFrame(CipherState cipher, byte[] target, int offset, int length)
            throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (!fill(LENGTH_PREFIX)) {
            return -1;
        }
        int frame = peekLength();
        if (frame < CipherState.TAG_LENGTH) {
            throw fail(new ChannelException(Code.BAD_LENGTH, "frame of " + frame + " bytes"));
        }
        if (!fill(LENGTH_PREFIX + frame)) {
            return -1;
        }
        int start = position + LENGTH_PREFIX;
        int plain = frame - CipherState.TAG_LENGTH;
        boolean direct = plain <= length;
        try {
            if (direct) {
                cipher.decrypt(CipherState.EMPTY, buffer, start, frame, target, offset);
            } else {
                cipher.decrypt(CipherState.EMPTY, buffer, start, frame, buffer, start);
            }
        } catch (ChannelException e) {
            throw fail(e);
        }
        position = start + frame;
        countEmpty(plain);
        if (direct) {
            return plain;
        }
        plainPosition = start;
        plainLimit = start + plain;
        return 0;
    }

    /// An empty frame gives the reader nothing, so it goes on to the next: without a bound it would
    /// go on for as long as they come.
    private void countEmpty(int plain) throws ChannelException {
        if (plain > 0) {
            emptyFrames = 0;
            return;
        }
        emptyFrames++;
        if (emptyFrames > MAX_EMPTY_FRAMES) {
            throw fail(new ChannelException(Code.FLOOD, "too many empty frames"));
        }
        turn.frame();
    }

    private ChannelException fail(ChannelException e) {
        failure = e;
        return e;
    }

    private int peekLength() {
        return (buffer[position] & 0xff) << 8 | (buffer[position + 1] & 0xff);
    }

    /// Reads until `wanted` unused bytes are there.
    ///
    /// @return false if the stream ended before the first of them
    private boolean fill(int wanted) throws IOException {
        while (limit - position < wanted) {
            makeRoom(wanted);
            int count = source.read(buffer, limit, buffer.length - limit);
            if (count < 0) {
                if (limit == position) {
                    return false;
                }
                throw fail(
                        new ChannelException(
                                Code.TRUNCATED, "the connection ended within a frame"));
            }
            limit += count;
        }
        return true;
    }

    private void makeRoom(int wanted) throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
        }
        int capacity = buffer.length;
        if (wanted > capacity) {
            capacity = wanted > MAX_CAPACITY / 8 ? MAX_CAPACITY : wanted * 2;
            if (!memory.await(capacity - buffer.length)) {
                throw fail(new ChannelException(Code.NO_MEMORY, "no memory for a frame"));
            }
        }
        if (capacity != buffer.length || buffer.length - position < wanted) {
            byte[] next = capacity == buffer.length ? buffer : new byte[capacity];
            System.arraycopy(buffer, position, next, 0, limit - position);
            limit -= position;
            position = 0;
            buffer = next;
        }
    }
}
