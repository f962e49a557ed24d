package org.tutti.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;

import java.util.List;
import java.util.Map;

class MultihashTest {
    @Test
    void everyCaseOfTheTestFileIsParsedAndComputed() {
        // "sha3" is the name that sha3-512 had when the file was written.
        Map<String, HashFunction> functions =
                Map.of(
                        "sha1", HashFunction.SHA1,
                        "sha2-256", HashFunction.SHA2_256,
                        "sha2-512", HashFunction.SHA2_512,
                        "sha3", HashFunction.SHA3_512);
        List<String> lines = Vectors.lines("multiformats/multihash_test_cases.csv");
        assertThat(lines).hasSize(261);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            HashFunction function = java.util.Objects.requireNonNull(functions.get(cells[0]), line);
            // The hash is of the text, not of the bytes that it could stand for.
            byte[] input = cells[2].getBytes(UTF_8);
            int length = Integer.parseInt(cells[1]) / 8;
            Bytes expected = Bytes.fromHex(cells[3]);

            Multihash parsed = Multihash.parse(expected);
            assertThat(parsed.code()).as(line).isEqualTo(function.code());
            assertThat(parsed.toBytes()).as(line).isEqualTo(expected);
            assertThat(parsed.digest()).as(line).isEqualTo(function.digest(input).slice(0, length));
        }
    }

    @Test
    void everyFunctionHasTheCodeOfTheMulticodecTable() {
        List<String> rows = Vectors.lines("multiformats/multicodec_table.csv");
        for (HashFunction function : HashFunction.values()) {
            String name = function.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            assertThat(rows)
                    .as(name)
                    .anyMatch(row -> {
                        String[] cells = row.split(",", -1);
                        return cells[0].strip().equals(name)
                                && Long.decode(cells[2].strip()) == function.code();
                    });
            assertThat(HashFunction.of(function.code())).contains(function);
        }
    }

    @Test
    void everyCodeOfTheMulticodecTableParses() {
        int hashes = 0;
        for (String row : Vectors.lines("multiformats/multicodec_table.csv")) {
            String[] cells = row.split(",", -1);
            if (cells[1].strip().equals("multihash")) {
                long code = Long.decode(cells[2].strip());
                Multihash hash = new Multihash(code, Bytes.fromHex("0102"));
                assertThat(Multihash.parse(hash.toBytes())).as(row).isEqualTo(hash);
                hashes++;
            }
        }
        assertThat(hashes).isGreaterThan(300);
    }

    @Test
    void aDigestLongerOrShorterThanAnnouncedIsRefused() {
        assertRefused("");
        assertRefused("12");
        assertRefused("1202ff");
        assertRefused("1202ffffff");
        assertRefused("1280");
    }

    @Test
    void aDigestOverTheBoundIsRefused() {
        Bytes longest = Bytes.wrap(new byte[Multihash.MAX_DIGEST]);
        Bytes tooLong = Bytes.wrap(new byte[Multihash.MAX_DIGEST + 1]);
        assertThat(Multihash.parse(new Multihash(0, longest).toBytes()).digest())
                .isEqualTo(longest);
        assertThatThrownBy(() -> new Multihash(0, tooLong))
                .isInstanceOf(MultiformatException.class);
        Bytes encoded = Bytes.concat(Bytes.fromHex("008101"), tooLong);
        assertThatThrownBy(() -> Multihash.parse(encoded)).isInstanceOf(MultiformatException.class);
    }

    private static void assertRefused(String hex) {
        assertThatThrownBy(() -> Multihash.parse(Bytes.fromHex(hex)))
                .as(hex)
                .isInstanceOf(MultiformatException.class);
    }
}
