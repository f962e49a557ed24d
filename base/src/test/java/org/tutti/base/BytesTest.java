package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void contentDoesNotChangeWithTheArrayItCameFrom() {
        byte[] source = {1, 2, 3};
        Bytes bytes = Bytes.of(source);
        source[0] = 9;
        bytes.toArray()[1] = 9;
        assertThat(bytes).isEqualTo(Bytes.fromHex("010203"));
    }

    @Test
    void orderIsUnsignedAndPrefixesComeFirst() {
        assertThat(Bytes.fromHex("80")).isGreaterThan(Bytes.fromHex("7f"));
        assertThat(Bytes.fromHex("01")).isLessThan(Bytes.fromHex("0100"));
    }

    @Test
    void wrongLengthIsRefusedByName() {
        assertThatThrownBy(() -> Bytes.fromHex("0102").requireLength(32, "txid"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("txid must have 32 bytes, not 2");
    }

    @Test
    void slicesConcatenateToTheWhole() {
        Bytes whole = Bytes.fromHex("00112233");
        assertThat(Bytes.concat(whole.slice(0, 1), whole.slice(1, 4))).isEqualTo(whole);
        assertThat(whole.reversed().toHex()).isEqualTo("33221100");
    }
}
