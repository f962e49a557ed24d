package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.ChannelException.Code;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/// Frames after the handshake: what the writer sends the reader understands, and nothing else.
class FramesTest {
    private static final byte[] KEY = new byte[32];

    /// What was written is what is read; writes are counted.
    private static final class Wire implements ByteStream {
        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        byte[] content = new byte[0];
        int position;
        int writes;
        final Random pieces;

        Wire(long seed) {
            pieces = new Random(seed);
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (position == content.length) {
                return -1;
            }
            int count = 1 + pieces.nextInt(Math.min(length, content.length - position));
            System.arraycopy(content, position, target, offset, count);
            position += count;
            return count;
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            writes++;
            written.write(source, offset, length);
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            // It never waits.
        }
    }

    @Test
    void anySizesArriveUnchanged() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Wire wire = new Wire(seed);
            FrameWriter writer = new FrameWriter(wire, new CipherState(KEY));
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] piece = new byte[random.nextInt(1 << random.nextInt(18))];
                random.nextBytes(piece);
                expected.writeBytes(piece);
                writer.append(piece, 0, piece.length);
                if (random.nextInt(3) == 0) {
                    writer.flush();
                }
            }
            writer.flush();
            wire.content = wire.written.toByteArray();
            FrameReader reader = new FrameReader(wire);
            CipherState cipher = new CipherState(KEY);
            ByteArrayOutputStream actual = new ByteArrayOutputStream();
            byte[] buffer = new byte[100_000];
            for (int n; ; ) {
                n = reader.read(cipher, buffer, 0, 1 + random.nextInt(buffer.length));
                if (n < 0) {
                    break;
                }
                actual.write(buffer, 0, n);
            }
            assertThat(Arrays.equals(actual.toByteArray(), expected.toByteArray()))
                    .as("seed %d", seed)
                    .isTrue();
        }
    }

    @Test
    void noFrameIsLongerThanRustAccepts() throws IOException {
        Wire wire = new Wire(1);
        FrameWriter writer = new FrameWriter(wire, new CipherState(KEY));
        writer.append(new byte[1_000_000], 0, 1_000_000);
        writer.flush();
        byte[] sent = wire.written.toByteArray();
        for (int at = 0; at < sent.length; ) {
            int length = (sent[at] & 0xff) << 8 | (sent[at + 1] & 0xff);
            assertThat(length - 16).isLessThanOrEqualTo(FrameWriter.MAX_PLAINTEXT);
            at += 2 + length;
        }
        assertThat(wire.writes).as("several frames share a write").isLessThanOrEqualTo(5);
    }

    @Test
    void withoutMemoryFramesAreSmallerAndNothingIsLost() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Wire wire = new Wire(seed);
            FrameWriter writer = new FrameWriter(wire, new CipherState(KEY));
            writer.setMemory(new BufferMemory(new Memory(random.nextInt(10_000))));
            byte[] sent = new byte[random.nextInt(100_000)];
            random.nextBytes(sent);
            for (int at = 0; at < sent.length; ) {
                int count = Math.min(sent.length - at, 1 + random.nextInt(5_000));
                writer.append(sent, at, count);
                at += count;
            }
            writer.flush();
            wire.content = wire.written.toByteArray();
            FrameReader reader = new FrameReader(wire);
            CipherState cipher = new CipherState(KEY);
            ByteArrayOutputStream actual = new ByteArrayOutputStream();
            byte[] buffer = new byte[100_000];
            for (int n = reader.read(cipher, buffer, 0, buffer.length);
                    n >= 0;
                    n = reader.read(cipher, buffer, 0, buffer.length)) {
                assertThat(n).as("an empty frame would count as a flood").isPositive();
                actual.write(buffer, 0, n);
            }
            assertThat(actual.toByteArray()).as("seed %d", seed).isEqualTo(sent);
        }
    }

    @Test
    void aFrameForWhichThereIsNoMemoryEndsTheConnection() throws IOException {
        FrameReader reader = reader(sealed(10_000));
        reader.setMemory(new BufferMemory(new Memory(5_000)));
        CipherState cipher = new CipherState(KEY);
        assertCode(() -> reader.read(cipher, new byte[200], 0, 200), Code.NO_MEMORY);
        FrameReader small = reader(sealed(1_000));
        small.setMemory(new BufferMemory(new Memory(0)));
        assertThat(small.read(new CipherState(KEY), new byte[1_000], 0, 1_000)).isEqualTo(1_000);
    }

    /// So many bytes.
    private static final class Memory implements MemoryScope {
        private long left;

        Memory(long left) {
            this.left = left;
        }

        @Override
        public boolean reserve(long bytes, Priority priority) {
            if (bytes > left) {
                return false;
            }
            left -= bytes;
            return true;
        }

        @Override
        public void release(long bytes) {
            left += bytes;
        }

        @Override
        public long used() {
            return 0;
        }

        @Override
        public void attach(Holder holder) {
            // Nobody asks.
        }

        @Override
        public void refused() {
            // Nobody is told.
        }
    }

    @Test
    void anAlteredBitAnywhereEndsTheConnection() throws IOException {
        byte[] sent = sealed(100);
        for (int bit = 16; bit < sent.length * 8; bit += 7) {
            byte[] altered = sent.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            FrameReader reader = reader(altered);
            CipherState cipher = new CipherState(KEY);
            for (int i = 0; i < 2; i++) {
                // The second read must not go on behind the bad frame.
                assertCode(() -> reader.read(cipher, new byte[200], 0, 200), Code.BAD_CIPHERTEXT);
            }
        }
    }

    @Test
    void framesThatAreSwappedRepeatedOrLostDoNotDecrypt() throws IOException {
        Wire wire = new Wire(1);
        CipherState cipher = new CipherState(KEY);
        FrameWriter writer = new FrameWriter(wire, cipher);
        writer.append(new byte[10], 0, 10);
        writer.flush();
        byte[] first = wire.written.toByteArray();
        assertCode(
                () -> {
                    FrameReader reader = reader(first, first);
                    CipherState receive = new CipherState(KEY);
                    reader.read(receive, new byte[10], 0, 10);
                    reader.read(receive, new byte[10], 0, 10);
                },
                Code.BAD_CIPHERTEXT);
        wire.written.reset();
        writer.append(new byte[10], 0, 10);
        writer.flush();
        byte[] second = wire.written.toByteArray();
        assertCode(
                () -> reader(second).read(new CipherState(KEY), new byte[10], 0, 10),
                Code.BAD_CIPHERTEXT);
    }

    @Test
    void aFrameTooShortForItsTagIsRefused() {
        assertCode(
                () -> reader(new byte[] {0, 15}).read(new CipherState(KEY), new byte[9], 0, 9),
                Code.BAD_LENGTH);
    }

    @Test
    void anEmptyFrameIsNoEnd() throws IOException {
        byte[] empty = new byte[18];
        CipherState send = new CipherState(KEY);
        send.encrypt(CipherState.EMPTY, empty, 0, 0, empty, 2);
        empty[1] = 16;
        byte[] one = new byte[19];
        send.encrypt(CipherState.EMPTY, new byte[] {7}, 0, 1, one, 2);
        one[1] = 17;
        byte[] target = new byte[5];
        assertThat(reader(empty, one).read(new CipherState(KEY), target, 0, 5)).isEqualTo(1);
        assertThat(target[0]).isEqualTo((byte) 7);
    }

    @Test
    void anEndWithinAFrameIsNotAnEnd() throws IOException {
        byte[] sent = sealed(100);
        for (int cut : new int[] {1, 2, 3, 50, sent.length - 1}) {
            FrameReader reader = reader(Arrays.copyOf(sent, cut));
            assertCode(
                    () -> reader.read(new CipherState(KEY), new byte[200], 0, 200), Code.TRUNCATED);
        }
    }

    @Test
    void theLastNonceIsNeverUsed() throws IOException {
        CipherState cipher = new CipherState(KEY);
        cipher.setNonce(-2);
        byte[] buffer = new byte[20];
        cipher.encrypt(CipherState.EMPTY, buffer, 0, 4, buffer, 0);
        assertCode(
                () -> cipher.encrypt(CipherState.EMPTY, buffer, 0, 4, buffer, 0),
                Code.NONCES_EXHAUSTED);
        FrameWriter writer = new FrameWriter(new Wire(1), cipher);
        assertCode(
                () -> {
                    writer.append(buffer, 0, 4);
                    writer.flush();
                },
                Code.NONCES_EXHAUSTED);
    }

    @Test
    void randomBytesNeverGetThrough() {
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            if (noise.length > 1 && random.nextBoolean()) {
                noise[0] = 0;
                noise[1] = (byte) (noise.length - 2);
            }
            FrameReader reader = reader(noise);
            CipherState cipher = new CipherState(KEY);
            byte[] target = new byte[100];
            try {
                assertThat(reader.read(cipher, target, 0, 100)).isEqualTo(-1);
                assertThat(noise).isEmpty();
            } catch (ChannelException expected) {
                assertThat(target).containsOnly(0);
            } catch (IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static byte[] sealed(int length) throws IOException {
        Wire wire = new Wire(1);
        FrameWriter writer = new FrameWriter(wire, new CipherState(KEY));
        writer.append(new byte[length], 0, length);
        writer.flush();
        return wire.written.toByteArray();
    }

    private static FrameReader reader(byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        Wire wire = new Wire(3);
        wire.content = all.toByteArray();
        return new FrameReader(wire);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void assertCode(Work work, Code code) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        ChannelException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void framesThatCarryNothingAreNotReadForEver() throws IOException {
        Wire wire = new Wire(1);
        CipherState send = new CipherState(KEY);
        ByteArrayOutputStream empty = new ByteArrayOutputStream();
        byte[] tag = new byte[CipherState.TAG_LENGTH];
        for (int i = 0; i <= FrameReader.MAX_EMPTY_FRAMES; i++) {
            send.encrypt(CipherState.EMPTY, tag, 0, 0, tag, 0);
            empty.write(0);
            empty.write(tag.length);
            empty.writeBytes(tag);
        }
        wire.content = empty.toByteArray();
        FrameReader reader = new FrameReader(wire);
        CipherState receive = new CipherState(KEY);
        assertThatThrownBy(() -> reader.read(receive, new byte[10], 0, 10))
                .isInstanceOfSatisfying(
                        ChannelException.class, e -> assertThat(e.code()).isEqualTo(Code.FLOOD));
    }
}
