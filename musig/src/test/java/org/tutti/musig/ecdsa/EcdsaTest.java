package org.tutti.musig.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;

class EcdsaTest {
    /// What Wycheproof holds against a signature that is written otherwise than it should be:
    /// Bitcoin before BIP66 took many of those.
    private static final Set<String> ABOUT_WRITING =
            Set.of("BerEncodedSignature", "InvalidEncoding", "MissingZero", "ModifiedSignature");

    private static final HexFormat HEX = HexFormat.of();

    @Test
    void wycheproofsValidSignaturesAreValidAndItsWrongOnesAreNot() throws Exception {
        int cases = 0;
        for (JsonNode group : groups("wycheproof/ecdsa_secp256k1_sha256_test.json")) {
            for (JsonNode test : group.get("tests")) {
                boolean valid = verify(group, test);
                if (test.get("result").asString().equals("valid")) {
                    assertThat(valid).as(test.toString()).isTrue();
                } else if (!ABOUT_WRITING.contains(test.get("flags").get(0).asString())) {
                    assertThat(valid).as(test.toString()).isFalse();
                }
                cases++;
            }
        }
        assertThat(cases).isPositive();
    }

    @Test
    void theHigherOfBothSIsValidAndSaidToBeHigh() throws Exception {
        int high = 0;
        for (JsonNode group : groups("wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json")) {
            for (JsonNode test : group.get("tests")) {
                boolean malleated =
                        test.get("flags").get(0).asString().equals("SignatureMalleabilityBitcoin");
                if (malleated || test.get("result").asString().equals("valid")) {
                    assertThat(verify(group, test)).as(test.toString()).isTrue();
                    assertThat(Ecdsa.hasLowS(Vectors.bytes(test.get("sig")).toArray()))
                            .isEqualTo(!malleated);
                    high += malleated ? 1 : 0;
                }
            }
        }
        assertThat(high).isPositive();
    }

    private static JsonNode groups(String file) {
        return Vectors.json(file).get("testGroups");
    }

    private static boolean verify(JsonNode group, JsonNode test) throws Exception {
        byte[] message = Vectors.bytes(test.get("msg")).toArray();
        return Ecdsa.verify(
                Vectors.bytes(group.get("publicKey").get("uncompressed")).toArray(),
                MessageDigest.getInstance("SHA-256").digest(message),
                Vectors.bytes(test.get("sig")).toArray());
    }

    @Test
    void lengthsMayBeLongerThanNeededAndWhatFollowsIsNotLookedAt() {
        assertThat(compact("30060201010201 02")).isEqualTo(scalars("01", "02"));
        assertThat(compact("307f0201010201 02")).isEqualTo(scalars("01", "02"));
        assertThat(compact("3082ffff 0201010201 02 abcdef")).isEqualTo(scalars("01", "02"));
        assertThat(compact("3006 0283000001 01 0201 02")).isEqualTo(scalars("01", "02"));
        assertThat(compact("3006 0285000000000101 0201 02")).isEqualTo(scalars("01", "02"));
        assertThat(compact("300a 0203 0000ff 0203 000080")).isEqualTo(scalars("ff", "80"));
        assertThat(compact("3004 0200 0200")).isEqualTo(scalars("", ""));
    }

    @Test
    void anIntegerOfMoreThan32BytesCountsAsZeroBoth() {
        assertThat(compact("3026 0221 01" + "00".repeat(32) + "0201 02"))
                .isEqualTo(scalars("", ""));
        assertThat(Ecdsa.hasLowS(hex("3026 0221 01" + "00".repeat(32) + "0201 02"))).isTrue();
        // Leading zeros do not count.
        assertThat(compact("3026 0222 0000" + "11".repeat(32) + "0201 02"))
                .isEqualTo(scalars("11".repeat(32), "02"));
    }

    @Test
    void whatCannotBeReadIsNoSignature() {
        for (String bytes :
                new String[] {
                    "",
                    "30",
                    "31060201010201 02",
                    "3006",
                    "308301",
                    "3006 0301 01 0201 02",
                    "3006 02",
                    "3006 0202 01",
                    "3006 0284 01000000 01 0201 02",
                    "3006 0281",
                    "3006 0201 01",
                    "3006 0201 01 0301 02",
                    "3006 0201 01 02",
                    "3006 0201 01 0202 02"
                }) {
            assertThat(LaxDer.parse(hex(bytes))).as(bytes).isEmpty();
            assertThat(Ecdsa.hasLowS(hex(bytes))).as(bytes).isFalse();
        }
    }

    @Test
    void aKeyHasTheLengthThatItsFirstByteAnnounces() {
        assertThat(Ecdsa.hasKeyLength(new byte[0])).isFalse();
        for (int first = 0; first < 256; first++) {
            boolean compressed = first == 2 || first == 3;
            boolean uncompressed = first == 4 || first == 6 || first == 7;
            assertThat(Ecdsa.hasKeyLength(key(first, 33))).isEqualTo(compressed);
            assertThat(Ecdsa.hasKeyLength(key(first, 65))).isEqualTo(uncompressed);
            assertThat(Ecdsa.hasKeyLength(key(first, 34))).isFalse();
        }
    }

    private static byte[] key(int first, int length) {
        byte[] key = new byte[length];
        key[0] = (byte) first;
        return key;
    }

    private static byte[] hex(String text) {
        return HEX.parseHex(text.replace(" ", ""));
    }

    private static Bytes compact(String der) {
        return Bytes.wrap(LaxDer.parse(hex(der)).orElseThrow());
    }

    private static Bytes scalars(String r, String s) {
        return Bytes.fromHex("0".repeat(64 - r.length()) + r + "0".repeat(64 - s.length()) + s);
    }
}
