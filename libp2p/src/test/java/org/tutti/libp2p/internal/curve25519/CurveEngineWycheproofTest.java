package org.tutti.libp2p.internal.curve25519;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.PublicKey;

import tools.jackson.databind.JsonNode;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/// Google's collected attacks on implementations, against each library that computes for us.
class CurveEngineWycheproofTest {
    static List<CurveEngine> engines() throws Exception {
        return List.of(new ConscryptCurveEngine(), new BouncyCastleCurveEngine(new SecureRandom()));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyX25519AgreementIsRightOrRefused(CurveEngine engine) {
        int cases = 0;
        for (JsonNode test : tests("x25519_test")) {
            cases++;
            String shared = test.get("shared").asString();
            byte[] secret;
            try {
                secret = Curve25519.agree(engine, hex(test, "private"), hex(test, "public"));
            } catch (InvalidKeyException e) {
                // RFC 7748 section 6.1 lets us refuse the all-zero secret, and only that one.
                assertThat(shared).as(test.toString()).matches("(00){32}");
                continue;
            }
            assertThat(HexFormat.of().formatHex(secret)).as(test.toString()).isEqualTo(shared);
        }
        assertThat(cases).isEqualTo(518);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyEd25519SignatureIsJudgedRightly(CurveEngine engine) throws Exception {
        int cases = 0;
        for (JsonNode group : groups("ed25519_test")) {
            byte[] publicKey = hex(group.get("publicKey"), "pk");
            for (JsonNode test : group.get("tests")) {
                cases++;
                byte[] signature = hex(test, "sig");
                boolean valid =
                        signature.length == 64
                                && engine.verifier(publicKey).verify(hex(test, "msg"), signature);
                assertThat(valid).as(test.toString()).isEqualTo(isValid(test));
                PublicKey key = PublicKey.of(KeyType.ED25519, Bytes.of(publicKey));
                assertThat(key.verify(hex(test, "msg"), signature))
                        .as(test.toString())
                        .isEqualTo(isValid(test));
            }
        }
        assertThat(cases).isEqualTo(151);
    }

    private static boolean isValid(JsonNode test) {
        return test.get("result").asString().equals("valid");
    }

    private static List<JsonNode> groups(String file) {
        return Vectors.json("wycheproof/" + file + ".json")
                .get("testGroups")
                .valueStream()
                .toList();
    }

    private static List<JsonNode> tests(String file) {
        return groups(file).stream().flatMap(group -> group.get("tests").valueStream()).toList();
    }

    private static byte[] hex(JsonNode node, String name) {
        return HexFormat.of().parseHex(node.get(name).asString());
    }
}
