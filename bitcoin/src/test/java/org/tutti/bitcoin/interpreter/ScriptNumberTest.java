package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;

class ScriptNumberTest {
    @Test
    void numbersAreLittleEndianWithASignBitAndZeroIsNothing() throws Exception {
        both(0, "");
        both(1, "01");
        both(-1, "81");
        both(127, "7f");
        both(128, "8000");
        both(-128, "8080");
        both(255, "ff00");
        both(-255, "ff80");
        both(256, "0001");
        both(Integer.MAX_VALUE, "ffffff7f");
        both(-Integer.MAX_VALUE, "ffffffff");
        both(1L << 31, "0000008000");
        both(0xffff_ffffL, "ffffffff00");
        both(2L * Integer.MAX_VALUE, "feffffff00");
    }

    private static void both(long number, String hex) throws ScriptException {
        assertThat(ScriptNumber.encode(number)).asHexString().isEqualToIgnoringCase(hex);
        assertThat(ScriptNumber.decode(bytes(hex), 5, true)).isEqualTo(number);
    }

    @Test
    void longerFormsAreRefusedOnlyWhereTheShortestIsAskedFor() throws Exception {
        assertThat(ScriptNumber.decode(bytes("80"), 4, false)).isZero();
        assertThat(ScriptNumber.decode(bytes("0000"), 4, false)).isZero();
        assertThat(ScriptNumber.decode(bytes("0580"), 4, false)).isEqualTo(-5);
        assertThat(ScriptNumber.decode(bytes("ff7f00"), 4, false)).isEqualTo(0x7fff);
        for (String longer : new String[] {"00", "80", "0000", "0500", "0580", "ff7f00"}) {
            refused(longer, 4, true);
        }
    }

    @Test
    void moreBytesThanAskedForAreRefused() {
        refused("0000008000", 4, false);
        refused("000000000001", 5, false);
    }

    private static void refused(String hex, int most, boolean minimal) {
        assertThatExceptionOfType(ScriptException.class)
                .isThrownBy(() -> ScriptNumber.decode(bytes(hex), most, minimal))
                .satisfies(e -> assertThat(e.error()).isEqualTo(ScriptError.SCRIPTNUM));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
