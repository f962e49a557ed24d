package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.identity.KeyRefusals.assertRefused;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;

class RsaPublicKeyTest {
    private static final byte[] MESSAGE = "Libp2p is the _best_!".getBytes(UTF_8);

    @Test
    void theRsaKeysOfGoAndJsHaveTheirPeerIds() throws Exception {
        JsonNode go = Vectors.json("libp2p/go_peer_test_keys.json");
        assertThat(rsaPublicOf(base64(go.get("skManBytes"))).peerId())
                .hasToString(go.get("hpkpMan").asString());

        JsonNode js = Vectors.json("libp2p/js_peerid_rsa.json");
        assertThat(rsaPublicOf(base64(js.get("privKey"))).peerId())
                .hasToString(js.get("id").asString());

        JsonNode sample = Vectors.json("libp2p/js_peerid_sample.json");
        PublicKey key = PublicKey.fromProtobuf(base64(sample.get("pubKey")));
        assertThat(rsaPublicOf(base64(sample.get("privKey")))).isEqualTo(key);
        assertThat(key.peerId().multihash().toHex()).isEqualTo(sample.get("id").asString());
        assertThat(sample.get("marshaled").asString())
                .contains(key.peerId().multihash().toHex())
                .contains(key.toProtobuf().toHex());
    }

    /// The public half of an RSA `PrivateKey` message, whose data is PKCS#1.
    private static PublicKey rsaPublicOf(byte[] privateMessage) throws Exception {
        // Type, tag and a length of two bytes stand before it.
        byte[] der = java.util.Arrays.copyOfRange(privateMessage, 5, privateMessage.length);
        RSAPrivateKey key = RSAPrivateKey.getInstance(der);
        return rsa(key.getModulus(), key.getPublicExponent());
    }

    private static PublicKey rsa(BigInteger modulus, BigInteger exponent) throws Exception {
        return PublicKey.of(KeyType.RSA, Bytes.wrap(RsaPublicKey.encode(modulus, exponent)));
    }

    @Test
    void theRsaKeysOfRustVerifyWhatTheySign() throws Exception {
        for (int bits : new int[] {2048, 3072, 4096}) {
            byte[] pkcs8 = Vectors.bytes("libp2p/rsa_pkcs8/rsa-" + bits + ".pk8");
            RSAPrivateKey parsed =
                    RSAPrivateKey.getInstance(PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey());
            Signature signer = Signature.getInstance("SHA256withRSA");
            signer.initSign(
                    java.security.KeyFactory.getInstance("RSA")
                            .generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(pkcs8)));
            signer.update(MESSAGE);
            byte[] signature = signer.sign();
            PublicKey key = rsa(parsed.getModulus(), parsed.getPublicExponent());
            assertThat(key.verify(MESSAGE, signature)).as("%d bits", bits).isTrue();
            signature[7] ^= 1;
            assertThat(key.verify(MESSAGE, signature)).as("%d bits", bits).isFalse();
        }
    }

    @Test
    void anRsaKeyOutsideTheBoundsIsRefused() {
        BigInteger e = BigInteger.valueOf(65537);
        assertRefused(Code.SIZE, () -> rsa(odd(2047), e));
        assertRefused(Code.SIZE, () -> rsa(odd(8193), e));
        assertRefused(Code.INVALID, () -> rsa(odd(2048), BigInteger.ONE));
        assertRefused(Code.INVALID, () -> rsa(odd(2048), BigInteger.TWO));
        assertRefused(
                Code.INVALID,
                () -> rsa(odd(2048), BigInteger.ONE.shiftLeft(31).add(BigInteger.ONE)));
        assertRefused(Code.INVALID, () -> rsa(odd(2048).subtract(BigInteger.ONE), e));
    }

    @Test
    void anotherEncodingOfTheSameKeyIsRefused() {
        // The modulus once more with a zero in front, all lengths adjusted: BER, not DER.
        byte[] der = RsaPublicKey.encode(odd(2048), BigInteger.valueOf(65537));
        String hex = HexFormat.of().formatHex(der);
        String longer =
                hex.replace("30820122", "30820123")
                        .replace("0382010f", "03820110")
                        .replace("3082010a", "3082010b")
                        .replace("0282010100ff", "028201020000ff");
        assertThat(longer).hasSize(hex.length() + 2);
        assertThatThrownBy(() -> PublicKey.of(KeyType.RSA, Bytes.fromHex(longer)))
                .isInstanceOf(KeyFormatException.class);
    }

    @Test
    void anRsaKeyAtTheBoundsIsAccepted() throws Exception {
        assertThat(rsa(odd(2048), BigInteger.valueOf(3)).type()).isEqualTo(KeyType.RSA);
        assertThat(rsa(odd(8192), BigInteger.valueOf(Integer.MAX_VALUE)).toProtobuf().length())
                .isLessThan(KeyProtobuf.MAX_LENGTH);
    }

    private static BigInteger odd(int bits) {
        return BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
    }

    private static byte[] base64(JsonNode node) {
        return Base64.getDecoder().decode(node.asString());
    }
}
