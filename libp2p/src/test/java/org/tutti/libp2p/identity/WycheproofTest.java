package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.HexFormat;
import java.util.List;

/// Google's collected attacks on implementations, against each library that computes for us.
class WycheproofTest {
    @Test
    void everySecp256k1SignatureIsJudgedRightly() throws Exception {
        int cases = 0;
        for (JsonNode group : groups("ecdsa_secp256k1_sha256_test")) {
            PublicKey key = secp256k1(group);
            for (JsonNode test : group.get("tests")) {
                cases++;
                assertThat(key.verify(hex(test, "msg"), hex(test, "sig")))
                        .as(test.toString())
                        .isEqualTo(isValid(test));
            }
        }
        assertThat(cases).isEqualTo(476);
    }

    @Test
    void theBitcoinCasesDifferOnlyInHighS() throws Exception {
        int cases = 0;
        for (JsonNode group : groups("ecdsa_secp256k1_sha256_bitcoin_test")) {
            PublicKey key = secp256k1(group);
            for (JsonNode test : group.get("tests")) {
                cases++;
                boolean highS =
                        DerSignature.parse(hex(test, "sig"), Secp256k1Curve.DOMAIN.getN())
                                .filter(it -> it.s().compareTo(Secp256k1Curve.HALF_ORDER) > 0)
                                .isPresent();
                boolean valid = key.verify(hex(test, "msg"), hex(test, "sig"));
                assertThat(valid && !highS).as(test.toString()).isEqualTo(isValid(test));
            }
        }
        assertThat(cases).isEqualTo(463);
    }

    private static PublicKey secp256k1(JsonNode group) throws Exception {
        byte[] point =
                SubjectPublicKeyInfo.getInstance(hex(group, "publicKeyDer"))
                        .getPublicKeyData()
                        .getOctets();
        Bytes compressed =
                Bytes.wrap(Secp256k1Curve.DOMAIN.getCurve().decodePoint(point).getEncoded(true));
        return PublicKey.of(KeyType.SECP256K1, compressed);
    }

    @Test
    void everyP256SignatureIsJudgedRightly() throws Exception {
        assertThat(judgeWithPkix("ecdsa_secp256r1_sha256_test", KeyType.ECDSA)).isEqualTo(484);
    }

    @Test
    void everyRsaSignatureIsJudgedRightly() throws Exception {
        assertThat(judgeWithPkix("rsa_signature_2048_sha256_test", KeyType.RSA)).isEqualTo(259);
    }

    private static int judgeWithPkix(String file, KeyType type) throws Exception {
        int cases = 0;
        for (JsonNode group : groups(file)) {
            PublicKey key = PublicKey.of(type, Bytes.wrap(hex(group, "publicKeyDer")));
            for (JsonNode test : group.get("tests")) {
                cases++;
                boolean valid = key.verify(hex(test, "msg"), hex(test, "sig"));
                if (!test.get("result").asString().equals("acceptable")) {
                    assertThat(valid).as(test.toString()).isEqualTo(isValid(test));
                }
            }
        }
        return cases;
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

    private static byte[] hex(JsonNode node, String name) {
        return HexFormat.of().parseHex(node.get(name).asString());
    }
}
