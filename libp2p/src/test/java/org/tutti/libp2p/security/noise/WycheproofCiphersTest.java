package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.Vectors;

import tools.jackson.databind.JsonNode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Google's collected attacks, against the JDK's cipher and MAC that Noise runs on.
class WycheproofCiphersTest {
    @Test
    void everyChaCha20Poly1305CaseIsJudgedRightly() throws Exception {
        int ours = 0;
        int jdk = 0;
        for (JsonNode test : tests("chacha20_poly1305_test")) {
            byte[] iv = hex(test, "iv");
            boolean valid = test.get("result").asString().equals("valid");
            // Noise's nonces begin with 32 bits of zeros; the JDK alone takes the others.
            if (iv.length == 12 && ByteBuffer.wrap(iv).getInt() == 0 && !isLast(iv)) {
                ours++;
                assertThat(decryptsWithOurs(test, iv)).as(test.toString()).isEqualTo(valid);
            } else {
                jdk++;
                assertThat(decryptsWithTheJdk(test, iv)).as(test.toString()).isEqualTo(valid);
            }
        }
        assertThat(ours).isPositive();
        assertThat(ours + jdk).isEqualTo(325);
    }

    /// Noise reserves this nonce.
    private static boolean isLast(byte[] iv) {
        return ByteBuffer.wrap(iv, 4, 8).getLong() == -1;
    }

    private static boolean decryptsWithOurs(JsonNode test, byte[] iv) throws Exception {
        byte[] sealed = sealed(test);
        byte[] message = hex(test, "msg");
        byte[] plain = new byte[message.length];
        CipherState state = new CipherState(hex(test, "key"));
        state.setNonce(ByteBuffer.wrap(iv, 4, 8).order(ByteOrder.LITTLE_ENDIAN).getLong());
        try {
            state.decrypt(hex(test, "aad"), sealed, 0, sealed.length, plain, 0);
        } catch (org.tutti.libp2p.security.ChannelException e) {
            return false;
        }
        return Arrays.equals(plain, message);
    }

    private static boolean decryptsWithTheJdk(JsonNode test, byte[] iv) {
        try {
            Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(hex(test, "key"), "ChaCha20"),
                    new IvParameterSpec(iv));
            cipher.updateAAD(hex(test, "aad"));
            return Arrays.equals(cipher.doFinal(sealed(test)), hex(test, "msg"));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] sealed(JsonNode test) {
        return HexFormat.of().parseHex(test.get("ct").asString() + test.get("tag").asString());
    }

    @Test
    void everyHmacCaseIsJudgedRightly() throws Exception {
        int cases = 0;
        for (JsonNode test : tests("hmac_sha256_test")) {
            cases++;
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(hex(test, "key"), "HmacSHA256"));
            byte[] tag = hex(test, "tag");
            // Some cases cut the tag.
            boolean same =
                    Arrays.equals(Arrays.copyOf(mac.doFinal(hex(test, "msg")), tag.length), tag);
            assertThat(same)
                    .as(test.toString())
                    .isEqualTo(test.get("result").asString().equals("valid"));
        }
        assertThat(cases).isEqualTo(174);
    }

    private static List<JsonNode> tests(String file) {
        return Vectors.json("wycheproof/" + file + ".json")
                .get("testGroups")
                .valueStream()
                .flatMap(group -> group.get("tests").valueStream())
                .toList();
    }

    private static byte[] hex(JsonNode node, String name) {
        return HexFormat.of().parseHex(node.get(name).asString());
    }
}
