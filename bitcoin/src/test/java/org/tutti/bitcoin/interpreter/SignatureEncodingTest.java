package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.musig.ecdsa.Ecdsa;

import tools.jackson.databind.JsonNode;

import java.util.Arrays;

class SignatureEncodingTest {
    /// Wycheproof's cases for Bitcoin: BIP66 and the lower s, both of which relaying asks for.
    @Test
    void strictEncodingLowSAndVerificationTogetherAreWycheproofsVerdict() {
        int cases = 0;
        JsonNode file = Vectors.json("wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json");
        for (JsonNode group : file.get("testGroups")) {
            byte[] key = Vectors.hex(group.get("publicKey").get("uncompressed")).toArray();
            for (JsonNode test : group.get("tests")) {
                byte[] signature = Vectors.hex(test.get("sig")).toArray();
                byte[] hash = Sha256.single(Vectors.hex(test.get("msg")).toArray());
                boolean valid =
                        SignatureEncoding.isValidDer(Arrays.copyOf(signature, signature.length + 1))
                                && Ecdsa.hasLowS(signature)
                                && Ecdsa.verify(key, hash, signature);
                assertThat(valid)
                        .as(test.toString())
                        .isEqualTo(test.get("result").asString().equals("valid"));
                cases++;
            }
        }
        assertThat(cases).isPositive();
    }
}
