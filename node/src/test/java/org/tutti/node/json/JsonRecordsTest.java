package org.tutti.node.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class JsonRecordsTest {
    record Inner(String name, boolean good) {}

    record Sum(long total, int parts) {}

    record Outer(
            String text,
            @JsonInlined Sum sum,
            List<Inner> inners,
            List<Long> numbers,
            Optional<String> nothing,
            @JsonOmitted Optional<Inner> left) {}

    record Positive(long number) {
        Positive {
            if (number < 1) {
                throw new IllegalArgumentException("number: at least 1, not " + number);
            }
        }
    }

    record Nothing() {}

    enum Colour {
        RED,
        DARK_GREEN
    }

    record Painted(Colour colour) {}

    private static final Outer FULL =
            new Outer(
                    "a",
                    new Sum(1, 2),
                    List.of(new Inner("b", true), new Inner("c", false)),
                    List.of(3L),
                    Optional.of("d"),
                    Optional.of(new Inner("e", true)));

    @Test
    void componentsAreWrittenInTheirOrderAndReadAgain() throws Exception {
        String line = JsonLine.write(JsonRecords.fields(FULL));
        assertThat(line)
                .isEqualTo(
                        """
                        {"text":"a","total":1,"parts":2,"inners":[{"name":"b","good":true},\
                        {"name":"c","good":false}],"numbers":[3],"nothing":"d",\
                        "left":{"name":"e","good":true}}\
                        """);
        assertThat(read(Outer.class, line)).isEqualTo(FULL);
    }

    @Test
    void aConstantIsWrittenInLowerCaseWithHyphens() throws Exception {
        String line = JsonLine.write(JsonRecords.fields(new Painted(Colour.DARK_GREEN)));
        assertThat(line).isEqualTo("{\"colour\":\"dark-green\"}");
        assertThat(read(Painted.class, line)).isEqualTo(new Painted(Colour.DARK_GREEN));
        for (String other : List.of("\"blue\"", "\"DARK_GREEN\"", "1")) {
            assertThatExceptionOfType(JsonLineException.class)
                    .isThrownBy(() -> read(Painted.class, "{\"colour\":" + other + "}"))
                    .withMessage("colour: one of red, dark-green is needed");
        }
    }

    @Test
    void anEmptyOptionalIsNullOrLeftOut() throws Exception {
        Outer empty =
                new Outer(
                        "a",
                        new Sum(1, 2),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty());
        String line = JsonLine.write(JsonRecords.fields(empty));
        assertThat(line)
                .isEqualTo(
                        """
                        {"text":"a","total":1,"parts":2,"inners":[],"numbers":[],"nothing":null}\
                        """);
        assertThat(read(Outer.class, line)).isEqualTo(empty);
        assertThat(read(Outer.class, line.replace("}", ",\"left\":null}"))).isEqualTo(empty);
        assertThat(read(Outer.class, line.replace(",\"nothing\":null", ""))).isEqualTo(empty);
    }

    @Test
    void aMissingFieldOrOneOfAnotherTypeIsNamed() {
        String line = JsonLine.write(JsonRecords.fields(FULL));
        refused(line.replace("\"text\":\"a\",", ""), "text: a string is needed");
        refused(line.replace("\"text\":\"a\"", "\"text\":5"), "text: a string is needed");
        refused(line.replace("\"total\":1", "\"total\":1.5"), "total: an integer is needed");
        refused(line.replace("\"total\":1,", ""), "total: an integer is needed");
        refused(line.replace("\"parts\":2", "\"parts\":3000000000"), "parts: an integer is needed");
        refused(
                line.replace("\"name\":\"c\"", "\"name\":null"),
                "inners[1].name: a string is needed");
        refused(line.replace("\"good\":false", "\"good\":0"), "inners[1].good: true or false");
        refused(line.replace("[3]", "3"), "numbers: an array is needed");
        refused(line.replace("[3]", "[3,\"4\"]"), "numbers[1]: an integer is needed");
        refused(line.replace("\"nothing\":\"d\"", "\"nothing\":5"), "nothing: a string is needed");
        refused(
                line.replace("\"left\":{\"name\":\"e\",\"good\":true}", "\"left\":[]"),
                "left: an object is needed");
    }

    @Test
    void anUnknownFieldIsRefusedUnlessItMayBeFromANewerProgram() throws Exception {
        refused("{\"txt\":\"a\"}", "txt: unknown field; known here: text, total, parts, inners");
        assertThatExceptionOfType(JsonLineException.class)
                .isThrownBy(() -> read(Nothing.class, "{\"a\":1}"))
                .withMessage("a: unknown field; none is known here");
        assertThat(
                        JsonRecords.readKnown(
                                Sum.class, JsonLine.parse("{\"total\":1,\"parts\":2,\"x\":3}")))
                .isEqualTo(new Sum(1, 2));
    }

    @Test
    void whatARecordDoesNotAcceptIsRefused() {
        assertThatExceptionOfType(JsonLineException.class)
                .isThrownBy(() -> read(Positive.class, "{\"number\":0}"))
                .withMessage("number: at least 1, not 0");
    }

    private static <T extends Record> T read(Class<T> type, String line) throws JsonLineException {
        return JsonRecords.read(type, JsonLine.parse(line));
    }

    private static void refused(String line, String message) {
        assertThatExceptionOfType(JsonLineException.class)
                .isThrownBy(() -> read(Outer.class, line))
                .withMessageStartingWith(message);
    }
}
