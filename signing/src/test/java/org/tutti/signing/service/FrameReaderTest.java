package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.Varint;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.session.DropReason;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class FrameReaderTest {
    private static final int MAX = 50_000;

    private static byte[] frames(int... lengths) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int length : lengths) {
            out.writeBytes(Varint.encode(length));
            byte[] content = new byte[length];
            Arrays.fill(content, (byte) length);
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    private static List<Integer> read(byte[] script, int chunk) throws IOException, WireException {
        FrameReader reader = new FrameReader(new FakeStream(script, chunk, false), MAX, () -> 0);
        List<Integer> lengths = new ArrayList<>();
        Optional<Bytes> frame = reader.next();
        while (frame.isPresent()) {
            Bytes content = frame.get();
            for (int i = 0; i < content.length(); i++) {
                assertThat(content.get(i)).isEqualTo((byte) content.length());
            }
            lengths.add(content.length());
            frame = reader.next();
        }
        return lengths;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, 1 << 20})
    void framesAreReadWholeHoweverTheStreamIsSplit(int chunk) throws Exception {
        assertThat(read(frames(1, 0, 127, 128, 300, 20_000, 5, MAX, 3), chunk))
                .containsExactly(1, 0, 127, 128, 300, 20_000, 5, MAX, 3);
    }

    @Test
    void readsAheadLittleAtFirstAndNeverMoreThanTheBound() throws Exception {
        int[] lengths = new int[1_000];
        Arrays.fill(lengths, 99);
        FakeStream stream = new FakeStream(frames(lengths), 1 << 20, false);
        FrameReader reader = new FrameReader(stream, MAX, () -> 0);
        List<Integer> reads = new ArrayList<>();
        for (int before = 0; reader.next().isPresent(); before = stream.position()) {
            if (stream.position() > before) {
                reads.add(stream.position() - before);
            }
        }
        assertThat(reads).startsWith(2_048, 4_096, 8_192, FrameReader.READ_AHEAD);
        assertThat(reads).allMatch(read -> read <= FrameReader.READ_AHEAD);
    }

    @Test
    void oversizedFrameIsRefusedByItsLengthAlone() {
        byte[] head = Varint.encode(MAX + 1);
        assertThatThrownBy(() -> read(head, 100))
                .isInstanceOfSatisfying(
                        WireException.class,
                        e -> assertThat(e.reason()).isEqualTo(DropReason.OVERSIZE));
        byte[] endless = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80};
        assertThatThrownBy(() -> read(endless, 100)).isInstanceOf(WireException.class);
    }

    @Test
    void lengthThatIsNotMinimallyEncodedIsRefused() {
        byte[] script = {(byte) 0x81, 0x00, 7};
        assertThatThrownBy(() -> read(script, 100))
                .isInstanceOfSatisfying(
                        WireException.class,
                        e -> assertThat(e.reason()).isEqualTo(DropReason.OVERSIZE));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 40_000})
    void peerThatSendsByteAfterByteCannotKeepAFrameOpen(int length) {
        long[] now = {Long.MAX_VALUE - 1};
        int[] looks = {0};
        FrameReader reader =
                new FrameReader(
                        new FakeStream(frames(length), 1, false),
                        MAX,
                        () -> {
                            looks[0]++;
                            return now[0] += FrameReader.FRAME_TIMEOUT.toNanos() / 10;
                        });
        assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
        assertThat(looks[0]).isLessThanOrEqualTo(11);
    }

    @Test
    void streamThatEndsInTheMiddleOfAFrameFails() {
        byte[] whole = frames(300);
        for (int length = 1; length < whole.length; length += 13) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut, 100))
                    .as("after %d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }
}
