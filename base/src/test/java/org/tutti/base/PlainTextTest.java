package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "rent for May", "Zürich, 12 €", "東京", "👍"})
    void whatIsSeenAsItStandsIsPlain(String text) {
        assertThat(PlainText.isPlain(text)).isTrue();
        assertThat(PlainText.escape(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, '\t', '\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x200b, 0x200f, 0x2028, 0x2029,
                0x202e, 0x2066, 0xd800, 0xe000, 0xfeff, 0xffff, 0x1d173, 0xe0001
            })
    void whatActsIsWrittenOut(int point) {
        String text = "a" + Character.toString(point) + "b";
        assertThat(PlainText.isPlain(text)).isFalse();
        assertThat(PlainText.escape(text))
                .isEqualTo("a\\x{" + Integer.toHexString(point) + "}b")
                .matches(PlainText::isPlain);
    }
}
