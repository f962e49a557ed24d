package org.tutti.bitcoin.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

class WireReaderTest {
    private static WireReader reader(String hex) {
        return new WireReader(Bytes.fromHex(hex));
    }

    @Test
    void integersAreLittleEndian() throws Exception {
        WireReader in = reader("01" + "0201" + "ffffffff" + "ffffffff" + "0100000000000080");
        assertThat(in.u8()).isEqualTo(1);
        assertThat(in.u16()).isEqualTo(0x102);
        assertThat(in.i32()).isEqualTo(-1);
        assertThat(in.u32()).isEqualTo(0xffff_ffffL);
        assertThat(in.i64()).isEqualTo(Long.MIN_VALUE + 1);
        in.requireEnd();
    }

    @Test
    void everyCompactSizeIsReadAsItWasWritten() throws Exception {
        for (long value :
                new long[] {
                    0, 1, 0xfc, 0xfd, 0xffff, 0x1_0000, 0xffff_ffffL, 0x1_0000_0000L, Long.MAX_VALUE
                }) {
            Bytes written = new WireWriter().compactSize(value).toBytes();
            assertThat(written.length()).isEqualTo(WireWriter.compactSizeLength(value));
            assertThat(new WireReader(written).compactSize()).isEqualTo(value);
        }
    }

    @Test
    void aCompactSizeLongerThanItNeedsIsRefused() {
        for (String hex : new String[] {"fdfc00", "feffff0000", "ffffffffff00000000"}) {
            assertRefused(DecodeException.Code.NON_MINIMAL_SIZE, hex);
        }
        assertRefused(DecodeException.Code.TOO_LARGE, "ffffffffffffffffff");
        assertRefused(DecodeException.Code.TRUNCATED, "fd01");
        assertRefused(DecodeException.Code.TRUNCATED, "");
    }

    private static void assertRefused(DecodeException.Code code, String hex) {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> reader(hex).compactSize())
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aCountThatTheBytesLeftCannotHoldIsRefusedBeforeAnythingIsAllocated() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> reader("feffffffff" + "00".repeat(80)).count(41, "inputs"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DecodeException.Code.TOO_LARGE));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> reader("05aabbccdd").varBytes("script"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DecodeException.Code.TOO_LARGE));
    }
}
