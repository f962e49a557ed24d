package org.tutti.node.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class JsonLineTest {
    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("text", "two\nlines \"quoted\" …");
        object.put("number", 2_100_000_000_000_000L);
        object.put("fraction", new BigDecimal("1767323045678.901"));
        object.put("flag", true);
        object.put("nothing", null);
        object.put("list", List.of("a", Map.of("b", 1L)));
        String line = JsonLine.write(object);
        assertThat(line).doesNotContain("\n");
        JsonObject read = JsonLine.parse(line);
        assertThat(read.fields()).isEqualTo(object);
        assertThat(read.line()).isEqualTo(line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "3",
                "[]",
                "{",
                "{\"a\":}",
                "{\"a\":1} {\"b\":2}",
                "{\"a\":1,\"a\":2}",
                "{'a':1}",
                "{\"a\":NaN}",
                "null"
            })
    void whatIsNotExactlyOneObjectIsRefused(String line) {
        assertThatThrownBy(() -> JsonLine.parse(line)).isInstanceOf(JsonLineException.class);
    }

    @Test
    void nestingHasABound() {
        String deep =
                "{\"a\":".repeat(JsonLine.MAX_DEPTH + 1) + "1" + "}".repeat(JsonLine.MAX_DEPTH + 1);
        assertThatThrownBy(() -> JsonLine.parse(deep)).isInstanceOf(JsonLineException.class);
    }

    @Test
    void lengthHasABound() {
        String longLine = "{\"a\":\"" + "x".repeat(JsonLine.MAX_CHARS) + "\"}";
        assertThatThrownBy(() -> JsonLine.parse(longLine)).isInstanceOf(JsonLineException.class);
    }

    @Test
    void aNumberThatFitsNoLongIsRefused() {
        assertThatThrownBy(() -> JsonLine.parse("{\"a\":99999999999999999999}"))
                .isInstanceOf(JsonLineException.class);
    }

    @Test
    void aFieldOfAnotherTypeIsNamed() throws Exception {
        JsonObject object = JsonLine.parse("{\"amount\":\"5\",\"to\":5}");
        assertThatThrownBy(() -> object.integer("amount"))
                .isInstanceOf(JsonLineException.class)
                .hasMessageContaining("amount");
        assertThatThrownBy(() -> object.string("to"))
                .isInstanceOf(JsonLineException.class)
                .hasMessageContaining("to");
    }
}
