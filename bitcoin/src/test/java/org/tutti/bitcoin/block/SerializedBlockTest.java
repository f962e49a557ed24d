package org.tutti.bitcoin.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.codec.DecodeException;

import java.util.Arrays;
import java.util.SplittableRandom;

class SerializedBlockTest {
    @Test
    void aBlockIsMeasuredWithoutReadingIt() throws Exception {
        for (byte[] bytes :
                new byte[][] {
                    Vectors.raw("blocks/block169482.dat"),
                    Vectors.gunzip("blocks/mainnet_866342.raw.gz")
                }) {
            SerializedBlock serialized = SerializedBlock.wrap(bytes);
            Block block = Block.parse(Bytes.of(bytes));
            assertThat(serialized.weight()).isEqualTo(block.weight());
            assertThat(serialized.hash()).isEqualTo(block.hash());
            assertThat(serialized.length()).isEqualTo(bytes.length);
            assertThat(serialized.isTooHeavy()).isFalse();
            assertThat(serialized.decode()).isEqualTo(block);
            assertThat(SerializedBlock.of(block)).isEqualTo(serialized);
        }
    }

    /// Both give the same verdict on any bytes, except for amounts out of range and empty
    /// witnesses.
    @Test
    void whatIsNoBlockIsRefusedAsReadingItWould() throws Exception {
        byte[] good = Vectors.gunzip("blocks/blocks1-256.gz");
        byte[] block = Vectors.blocks(good).get(200).toArray();
        SplittableRandom random = new SplittableRandom(1);
        int taken = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(block, block.length - random.nextInt(3));
            for (int j = random.nextInt(3); j > 0; j--) {
                bytes[80 + random.nextInt(bytes.length - 80)] = (byte) random.nextInt(256);
            }
            DecodeException refusal = refusal(bytes);
            if (refusal == null) {
                assertThat(SerializedBlock.wrap(bytes).length()).isEqualTo(bytes.length);
                taken++;
            } else if (refusal.code() != DecodeException.Code.BAD_VALUE) {
                assertThatThrownBy(() -> SerializedBlock.wrap(bytes))
                        .isInstanceOfSatisfying(
                                DecodeException.class,
                                e -> assertThat(e.code()).isEqualTo(refusal.code()));
                refused++;
            }
        }
        assertThat(taken).isGreaterThan(1_000);
        assertThat(refused).isGreaterThan(1_000);
        assertThatThrownBy(() -> SerializedBlock.wrap(Arrays.copyOf(block, block.length - 1)))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> SerializedBlock.wrap(Arrays.copyOf(block, block.length + 1)))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> SerializedBlock.wrap(new byte[Block.MAX_BYTES + 1]))
                .isInstanceOf(DecodeException.class);
    }

    private static @Nullable DecodeException refusal(byte[] bytes) {
        try {
            Block.parse(Bytes.of(bytes));
            return null;
        } catch (DecodeException e) {
            return e;
        }
    }
}
