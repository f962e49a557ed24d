package org.tutti.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.Vectors;

import java.util.Arrays;
import java.util.List;

class MultibaseTest {
    /// One line of a test file: a base and the text in it, prefix included.
    private record Case(Multibase base, String text) {}

    @ParameterizedTest
    @ValueSource(strings = {"basic", "leading_zero", "two_leading_zeros"})
    void everyBaseOfTheFileEncodesAndDecodes(String name) {
        String file = "multiformats/multibase_" + name + ".csv";
        byte[] plain = plain(file);
        List<Case> cases = cases(file);
        assertThat(cases).hasSizeGreaterThan(20);
        for (Case it : cases) {
            assertThat(it.base.encode(plain)).as(it.base.tableName()).isEqualTo(it.text);
            assertThat(Multibase.decode(it.text)).as(it.base.tableName()).isEqualTo(plain);
        }
    }

    @Test
    void upperAndLowerCaseMixWhereTheBaseAllowsIt() {
        String file = "multiformats/multibase_case_insensitivity.csv";
        for (Case it : cases(file)) {
            assertThat(Multibase.decode(it.text)).as(it.base.tableName()).isEqualTo(plain(file));
        }
    }

    @Test
    void everyBaseThatWeHaveIsTheTablesOne() {
        List<String> rows = Vectors.lines("multiformats/multibase_table.csv");
        for (Multibase base : Multibase.values()) {
            String codePoint = String.format("U+%04X", base.prefix().codePointAt(0));
            assertThat(rows)
                    .as(base.tableName())
                    .anyMatch(row -> {
                        String[] cells = row.toUpperCase(java.util.Locale.ROOT).split(",", -1);
                        return cells[0].strip().equals(codePoint)
                                && cells[2].strip().equalsIgnoreCase(base.tableName());
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "p7xh",
                "R8D",
                "1abc",
                "z0",
                "zO",
                "bAB1",
                "f0",
                "f012",
                "fgg",
                "bb",
                "mA",
                "mAB",
                "cpfsxgidnmfxgsib",
                "cpfsxgid==",
                "Mee",
                "Me===",
                "bpf\u00e9",
                "9a",
                "🚀a",
                "ba======="
            })
    void whatIsNotInItsBaseIsRefused(String text) {
        assertThatThrownBy(() -> Multibase.decode(text)).isInstanceOf(MultiformatException.class);
    }

    @Test
    void textOverTheBoundIsRefused() {
        assertThatThrownBy(() -> Multibase.decode("f" + "0".repeat(Multibase.MAX_TEXT)))
                .isInstanceOf(MultiformatException.class)
                .hasMessageContaining("at most");
        assertThatThrownBy(() -> Multibase.decode("z" + "2".repeat(BaseX.MAX_LENGTH + 1)))
                .isInstanceOf(MultiformatException.class);
        assertThatThrownBy(() -> Multibase.BASE58_BTC.encodeBare(new byte[BaseX.MAX_LENGTH + 1]))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void everyBaseBringsBackEveryLength() {
        for (Multibase base : Multibase.values()) {
            for (int length = 0; length < 70; length++) {
                byte[] bytes = new byte[length];
                for (int i = 0; i < length; i++) {
                    bytes[i] = (byte) (i * 37 + length);
                }
                assertThat(Multibase.decode(base.encode(bytes)))
                        .as("%s, %d bytes", base, length)
                        .isEqualTo(bytes);
            }
        }
    }

    private static byte[] plain(String file) {
        String header = Vectors.lines(file).getFirst();
        return quoted(header).replace("\\x00", "\0").getBytes(UTF_8);
    }

    private static List<Case> cases(String file) {
        return Vectors.lines(file).stream()
                .skip(1)
                .map(line -> new Case(named(line.substring(0, line.indexOf(','))), quoted(line)))
                .toList();
    }

    private static Multibase named(String name) {
        return Arrays.stream(Multibase.values())
                .filter(base -> base.tableName().equals(name.strip()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no base " + name));
    }

    private static String quoted(String line) {
        return line.substring(line.indexOf('"') + 1, line.lastIndexOf('"'));
    }
}
