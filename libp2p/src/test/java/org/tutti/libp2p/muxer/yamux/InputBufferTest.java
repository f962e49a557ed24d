package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.ByteStream;

import java.io.IOException;
import java.time.Duration;

class InputBufferTest {
    private static final int START = 2_048;

    private final FakeMemory memory = new FakeMemory(1 << 20);

    /// How many bytes there are to read in one go.
    private int atOnce;

    private final ByteStream source =
            new ByteStream() {
                @Override
                public int read(byte[] target, int offset, int length) {
                    return Math.min(length, atOnce);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    throw new UnsupportedOperationException("only read");
                }

                @Override
                public void setReadTimeout(Duration timeout) {
                    throw new UnsupportedOperationException("no deadline here");
                }
            };
    private final InputBuffer buffer =
            new InputBuffer(source, new Turn(), new BufferMemory(memory));

    private void readOnce() throws IOException {
        buffer.skip(buffer.available());
        assertThat(buffer.fill(1)).isTrue();
    }

    @Test
    void aConnectionOfSmallMessagesKeepsASmallBuffer() throws Exception {
        atOnce = 3_000;
        for (int i = 0; i < 10; i++) {
            readOnce();
        }
        assertThat(buffer.data()).hasSize(2 * START);
        assertThat(memory.used()).isEqualTo(START);
    }

    @Test
    void itDoublesWhenReadsFillItUpToItsLargestSize() throws Exception {
        atOnce = 1 << 20;
        for (int size = START; size < InputBuffer.MAX_CAPACITY; size *= 2) {
            assertThat(buffer.data()).hasSize(size);
            readOnce();
        }
        assertThat(buffer.data()).hasSize(InputBuffer.MAX_CAPACITY);
        readOnce();
        assertThat(buffer.data()).hasSize(InputBuffer.MAX_CAPACITY);
        assertThat(memory.used()).isEqualTo(InputBuffer.MAX_CAPACITY - START);
        assertThat(buffer.available()).isEqualTo(InputBuffer.MAX_CAPACITY);
    }

    @Test
    void whatWasReadIsStillThereWhenItHasGrown() throws Exception {
        atOnce = START;
        buffer.data()[START - 1] = 7;
        assertThat(buffer.fill(1)).isTrue();
        assertThat(buffer.data()).hasSize(2 * START);
        assertThat(buffer.data()[START - 1]).isEqualTo((byte) 7);
        assertThat(buffer.available()).isEqualTo(START);
    }

    @Test
    void withoutMemoryItStaysAsItIs() throws Exception {
        memory.full(true);
        atOnce = 1 << 20;
        readOnce();
        readOnce();
        assertThat(buffer.data()).hasSize(START);
        assertThat(buffer.available()).isEqualTo(START);
    }
}
