package org.tutti.bitcoin.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

class MusigDescriptorTest {
    private static final String A =
            "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
    private static final String B =
            "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";

    private static JsonNode vectors(int bip) {
        return Vectors.json("descriptors/bip" + bip + "_descriptor_vectors.json");
    }

    /// BIP380's own checks of the checksum: of each the comment says what is right or wrong.
    @Test
    void checksumsAreThoseOfBip380() throws Exception {
        int seen = 0;
        for (JsonNode vector : vectors(380)) {
            if (!vector.get("section").asString().contains("checksum and character set")) {
                continue;
            }
            seen++;
            String text = vector.get("expr").asString();
            if (Set.of("Valid checksum", "No checksum")
                    .contains(vector.get("comment").asString())) {
                assertThat(DescriptorChecksum.remove(text)).isEqualTo("raw(deadbeef)");
            } else {
                assertThatThrownBy(() -> DescriptorChecksum.remove(text))
                        .as(text)
                        .isInstanceOf(DescriptorException.class);
            }
        }
        assertThat(seen).isEqualTo(8);
        assertThat(DescriptorChecksum.add("raw(deadbeef)")).isEqualTo("raw(deadbeef)#89f8spxm");
    }

    /// Whatever of BIP390 is `tr(musig(…))` of public keys has the scripts that it says; everything
    /// else is refused.
    @Test
    void scriptsAreThoseOfBip390() throws Exception {
        int read = 0;
        for (JsonNode vector : vectors(390)) {
            String text = vector.get("expr").asString();
            JsonNode scripts = vector.get("scripts");
            boolean ours = text.startsWith("tr(musig(") && scripts != null && !text.contains("/*,");
            if (!ours) {
                assertThatThrownBy(() -> MusigDescriptor.parse(text))
                        .as(text)
                        .isInstanceOf(DescriptorException.class);
                continue;
            }
            read++;
            MusigDescriptor descriptor = MusigDescriptor.parse(text);
            List<String> made = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < scripts.size(); i++) {
                expected.add(scripts.get(i).asString());
                made.add(descriptor.script(0, i).bytes().toHex());
            }
            assertThat(made).as(text).isEqualTo(expected);
            assertThat(MusigDescriptor.parse(descriptor.toText())).isEqualTo(descriptor);
        }
        assertThat(read).isEqualTo(2);
    }

    @Test
    void descriptorsOfOtherFormsAreRefused() {
        for (int bip : new int[] {381, 382, 383, 384, 385, 386, 389}) {
            for (JsonNode vector : vectors(bip)) {
                String text = vector.get("expr").asString();
                assertThatThrownBy(() -> MusigDescriptor.parse(text))
                        .as(text)
                        .isInstanceOf(DescriptorException.class);
            }
        }
    }

    @Test
    void ofTwoPathsEachHasItsScripts() throws Exception {
        MusigDescriptor both = MusigDescriptor.parse("tr(musig(" + A + "," + B + ")/<0;1>/*)");
        assertThat(both.paths()).isEqualTo(2);
        assertThat(both.isRanged()).isTrue();
        for (int path = 0; path < 2; path++) {
            MusigDescriptor one =
                    MusigDescriptor.parse("tr(musig(" + B + "," + A + ")/" + path + "/*)");
            assertThat(one.paths()).isEqualTo(1);
            assertThat(both.script(path, 3)).isEqualTo(one.script(0, 3));
            assertThat(
                            MusigDescriptor.parse("tr(musig(" + A + "," + B + ")/" + path + "/3)")
                                    .script(0, 0))
                    .isEqualTo(one.script(0, 3));
        }
        assertThatThrownBy(() -> both.script(2, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> both.script(0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNoDescriptorIsRefused() {
        for (String text :
                List.of(
                        "",
                        "tr(musig())",
                        "tr(musig(" + A + ")",
                        "tr(musig(" + A + "," + B + ")/<0>/*)",
                        "tr(musig(" + A + "," + B + ")/<0;0>/*)",
                        "tr(musig(" + A + "," + B + ")/<0;1>/<2;3>)",
                        "tr(musig(" + A + "," + B + ")/*/0)",
                        "tr(musig(" + A + "," + B + ")/2147483648)",
                        "tr(musig(" + A + "," + B + ")/)",
                        "tr(musig(" + A + "," + B + ")x)",
                        "tr(musig([deadbee]" + A + "," + B + "))",
                        "tr(musig([deadbeef/0f]" + A + "," + B + "))",
                        "tr(musig([deadbeef]," + B + "))",
                        "tr(musig(" + A + "," + B + "))#qqqqqqqq",
                        "tr(musig(" + "a".repeat(MusigDescriptor.MAX_LENGTH) + "))")) {
            assertThatThrownBy(() -> MusigDescriptor.parse(text))
                    .as(text)
                    .isInstanceOf(DescriptorException.class);
        }
    }

    @Test
    void anErrorAnywhereIsNoticed() throws Exception {
        String text = MusigDescriptor.parse("tr(musig(" + A + "," + B + ")/<0;1>/*)").toText();
        for (int at = 0; at < text.length(); at++) {
            char other = text.charAt(at) == '5' ? '6' : '5';
            String damaged = text.substring(0, at) + other + text.substring(at + 1);
            assertThatThrownBy(() -> MusigDescriptor.parse(damaged))
                    .isInstanceOf(DescriptorException.class);
        }
    }
}
