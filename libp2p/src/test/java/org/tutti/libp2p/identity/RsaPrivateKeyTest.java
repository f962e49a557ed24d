package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.libp2p.identity.KeyRefusals.assertRefused;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;

class RsaPrivateKeyTest {
    private static final byte[] MESSAGE = "Libp2p is the _best_!".getBytes(UTF_8);

    @Test
    void ourSignatureIsGosByteForByte() throws Exception {
        PrivateKey key =
                Keys.privateFromProtobuf(Vectors.bytes("libp2p/go_crypto_test_data/0.priv"));
        assertThat(key.sign(MESSAGE)).isEqualTo(Vectors.bytes("libp2p/go_crypto_test_data/0.sig"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"go_peer_test_keys", "js_peerid_rsa", "js_peerid_sample"})
    void theKeysOfGoAndJsAreTheirPeers(String file) throws Exception {
        JsonNode json = Vectors.json("libp2p/" + file + ".json");
        boolean go = file.startsWith("go");
        PrivateKey key =
                Keys.privateFromProtobuf(
                        Base64.getDecoder()
                                .decode(json.get(go ? "skManBytes" : "privKey").asString()));
        PeerId peer = key.publicKey().peerId();
        assertThat(json.get(go ? "hpkpMan" : "id").asString())
                .isIn(peer.toString(), peer.multihash().toHex());
        assertThat(key.publicKey().verify(MESSAGE, key.sign(MESSAGE))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void rustsKeysSign(int bits) throws Exception {
        byte[] pkcs8 = Vectors.bytes("libp2p/rsa_pkcs8/rsa-" + bits + ".pk8");
        byte[] pkcs1 =
                PrivateKeyInfo.getInstance(pkcs8)
                        .parsePrivateKey()
                        .toASN1Primitive()
                        .getEncoded("DER");
        byte[] message = KeyProtobuf.encode(KeyType.RSA, pkcs1);
        PrivateKey key = Keys.privateFromProtobuf(message);
        assertThat(key.toProtobuf()).isEqualTo(message);
        assertThat(key.publicKey().verify(MESSAGE, key.sign(MESSAGE))).isTrue();
    }

    @Test
    void aKeyWhoseNumbersDoNotBelongTogetherIsRefused() {
        BigInteger one = BigInteger.ONE;
        for (int changed = 0; changed < 8; changed++) {
            BigInteger[] numbers = numbers(goKey());
            numbers[changed] = numbers[changed].add(one.add(one));
            assertRefused(Code.INVALID, () -> RsaPrivateKey.parse(encode(numbers)));
            numbers[changed] = one;
            Code code = changed == 0 ? Code.SIZE : Code.INVALID;
            assertRefused(code, () -> RsaPrivateKey.parse(encode(numbers)));
            numbers[changed] = one.negate();
            assertRefused(code, () -> RsaPrivateKey.parse(encode(numbers)));
        }
    }

    private static RSAPrivateKey goKey() {
        byte[] message = Vectors.bytes("libp2p/go_crypto_test_data/0.priv");
        return RSAPrivateKey.getInstance(Arrays.copyOfRange(message, 5, message.length));
    }

    private static BigInteger[] numbers(RSAPrivateKey key) {
        return new BigInteger[] {
            key.getModulus(),
            key.getPublicExponent(),
            key.getPrivateExponent(),
            key.getPrime1(),
            key.getPrime2(),
            key.getExponent1(),
            key.getExponent2(),
            key.getCoefficient()
        };
    }

    private static byte[] encode(BigInteger[] n) throws Exception {
        return new RSAPrivateKey(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]).getEncoded("DER");
    }

    @Test
    void aModulusOutsideTheBoundsIsRefusedBeforeAnythingIsComputed() {
        BigInteger[] numbers = numbers(goKey());
        numbers[0] = BigInteger.ONE.shiftLeft(8192).add(BigInteger.ONE);
        assertRefused(Code.SIZE, () -> RsaPrivateKey.parse(encode(numbers)));
        numbers[0] = BigInteger.ONE.shiftLeft(2046).add(BigInteger.ONE);
        assertRefused(Code.SIZE, () -> RsaPrivateKey.parse(encode(numbers)));
    }

    @Test
    void whatIsNotOneKeyInDerIsRefused() throws Exception {
        byte[] data = encode(numbers(goKey()));
        assertRefused(Code.INVALID, () -> RsaPrivateKey.parse(new byte[0]));
        assertRefused(
                Code.INVALID, () -> RsaPrivateKey.parse(Arrays.copyOf(data, data.length - 1)));
        assertRefused(
                Code.INVALID, () -> RsaPrivateKey.parse(Arrays.copyOf(data, data.length + 1)));
        // Version 1: a third prime would follow.
        byte[] multi = data.clone();
        multi[6] = 1;
        assertRefused(Code.UNSUPPORTED, () -> RsaPrivateKey.parse(multi));
    }
}
