package org.tutti.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class FramesTest {
    /// Gives fixed bytes, at most three at a time, and records each write.
    private static final class ScriptedStream implements ByteStream {
        final List<Bytes> writes = new ArrayList<>();
        private final ByteArrayInputStream in;

        ScriptedStream(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return in.read(target, offset, Math.min(length, 3));
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            writes.add(Bytes.of(source, offset, offset + length));
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            // It never waits.
        }
    }

    @Test
    void aMessageOfEachLengthGoesThroughInOneWrite() throws Exception {
        for (int length : new int[] {0, 1, 127, 128, 300, 16383, 16384, 16385, 100_000}) {
            ScriptedStream bob = new ScriptedStream(new byte[0]);
            byte[] message = new Hostile(length).random(length);
            Frames.write(bob, message);
            assertThat(bob.writes).hasSize(1);
            ScriptedStream alice = new ScriptedStream(bob.writes.getFirst().toArray());
            assertThat(Frames.read(alice, length)).isEqualTo(message);
            assertThat(Frames.readOrEnd(alice, length)).isEmpty();
        }
    }

    @Test
    void whatFollowsAMessageStaysInTheStream() throws Exception {
        ScriptedStream stream = stream("0201020103");
        assertThat(Frames.read(stream, 10)).containsExactly(1, 2);
        assertThat(Frames.read(stream, 10)).containsExactly(3);
    }

    @Test
    void aMessageOverTheLimitIsRefusedBeforeItIsRead() {
        assertThatThrownBy(() -> Frames.read(stream("0b"), 10))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("at most 10");
        assertThatThrownBy(() -> Frames.read(stream("ffffffff0f"), 10))
                .isInstanceOf(FrameException.class);
        assertThatThrownBy(() -> Frames.read(stream("ffffffff07"), 10))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void aLengthThatIsTooLongOrNotMinimalIsRefused() {
        assertThatThrownBy(() -> Frames.read(stream("8000"), 10))
                .isInstanceOf(FrameException.class);
        assertThatThrownBy(() -> Frames.read(stream("808080808001"), 10))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void aStreamThatEndsWithinAMessageIsAnError() {
        assertThatThrownBy(() -> Frames.read(stream(""), 10)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> Frames.readOrEnd(stream("80"), 10))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> Frames.readOrEnd(stream("0301"), 10))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void hostileBytesAreAMessageOrATypedError() {
        new Hostile(9)
                .feed(
                        10_000,
                        List.of(Bytes.fromHex("0401020304").toArray()),
                        input -> {
                            try {
                                byte[] message = Frames.read(new ScriptedStream(input), 64);
                                assertThat(message.length).isLessThanOrEqualTo(64);
                            } catch (FrameException | EOFException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    private static ScriptedStream stream(String hex) {
        return new ScriptedStream(Bytes.fromHex(hex).toArray());
    }
}
