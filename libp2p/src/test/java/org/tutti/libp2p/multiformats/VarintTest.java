package org.tutti.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HexFormat;

class VarintTest {
    @Test
    void theExamplesOfTheSpecificationComeOut() {
        // multiformats/unsigned-varint README.
        assertEncodes(1, "01");
        assertEncodes(127, "7f");
        assertEncodes(128, "8001");
        assertEncodes(255, "ff01");
        assertEncodes(300, "ac02");
        assertEncodes(16384, "808001");
        assertEncodes(0, "00");
        assertEncodes(Long.MAX_VALUE, "ffffffffffffffff7f");
    }

    @Test
    void everyPowerOfTwoGoesThereAndBack() {
        for (int bit = 0; bit < 63; bit++) {
            for (long value : new long[] {(1L << bit) - 1, 1L << bit}) {
                byte[] encoded = Varint.encode(value);
                assertThat(encoded).hasSize(Varint.size(value));
                assertThat(Varint.get(ByteBuffer.wrap(encoded))).isEqualTo(value);
            }
        }
    }

    @Test
    void aLongerEncodingThanNeededIsRefused() {
        assertRefused("8000");
        assertRefused("ff8000");
        assertRefused("808080808000");
    }

    @Test
    void aCutOrEndlessVarintIsRefused() {
        assertRefused("");
        assertRefused("80");
        assertRefused("ffffff");
        assertRefused("ffffffffffffffffff01");
        assertRefused("80".repeat(50) + "01");
    }

    @Test
    void aNegativeNumberHasNoVarint() {
        assertThatThrownBy(() -> Varint.encode(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheVarintIsTakenFromTheBuffer() {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex("ac02ff"));
        assertThat(Varint.get(in)).isEqualTo(300);
        assertThat(in.remaining()).isOne();
    }

    private static void assertEncodes(long value, String hex) {
        assertThat(HexFormat.of().formatHex(Varint.encode(value))).isEqualTo(hex);
        assertThat(Varint.get(ByteBuffer.wrap(HexFormat.of().parseHex(hex)))).isEqualTo(value);
    }

    private static void assertRefused(String hex) {
        assertThatThrownBy(() -> Varint.get(ByteBuffer.wrap(HexFormat.of().parseHex(hex))))
                .isInstanceOf(MultiformatException.class);
    }
}
