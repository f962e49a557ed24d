package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.libp2p.identity.KeyRefusals.assertRefused;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.internal.curve25519.ConscryptCurveEngine;
import org.tutti.libp2p.internal.curve25519.CurveEngine;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

class KeysTest {
    /// The message of go-libp2p core/crypto/fixture_test.go.
    private static final byte[] GO_MESSAGE = "Libp2p is the _best_!".getBytes(UTF_8);

    private final SecureRandom random = new SecureRandom();

    @Test
    void everyKeyOfTheSpecificationHasItsPublicKeyAndPeerId() throws Exception {
        List<JsonNode> keys =
                Vectors.json("libp2p/peer_id_key_vectors.json").get("keys").valueStream().toList();
        assertThat(keys).hasSize(8);
        for (int i = 0; i < keys.size(); i += 2) {
            JsonNode privateVector = keys.get(i);
            JsonNode publicVector = keys.get(i + 1);
            byte[] encoded = hex(publicVector.get("protobuf_hex").asString());
            PublicKey key = PublicKey.fromProtobuf(encoded);
            assertThat(key.toProtobuf().toArray()).isEqualTo(encoded);
            assertThat(key.type().name())
                    .isEqualToIgnoringCase(publicVector.get("type").asString());
            assertThat(key.peerId()).hasToString(publicVector.get("peer_id").asString());

            byte[] secret = hex(privateVector.get("protobuf_hex").asString());
            PrivateKey privateKey = Keys.privateFromProtobuf(secret);
            assertThat(privateKey.publicKey()).isEqualTo(key);
            assertThat(privateKey.toProtobuf()).isEqualTo(secret);
            assertThat(key.verify(GO_MESSAGE, privateKey.sign(GO_MESSAGE))).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, RSA", "2, SECP256K1", "3, ECDSA"})
    void gosSignaturesVerify(int number, KeyType type) throws Exception {
        String folder = "libp2p/go_crypto_test_data/" + number;
        PublicKey key = PublicKey.fromProtobuf(Vectors.bytes(folder + ".pub"));
        byte[] signature = Vectors.bytes(folder + ".sig");
        assertThat(key.type()).isEqualTo(type);
        assertThat(key.verify(GO_MESSAGE, signature)).isTrue();
        assertThat(key.verify("something else".getBytes(UTF_8), signature)).isFalse();
        assertThat(key.verify(GO_MESSAGE, new byte[0])).isFalse();
        assertThat(key.toProtobuf().toArray()).isEqualTo(Vectors.bytes(folder + ".pub"));
        PrivateKey privateKey = Keys.privateFromProtobuf(Vectors.bytes(folder + ".priv"));
        assertThat(privateKey.publicKey()).isEqualTo(key);
        assertThat(privateKey.toProtobuf()).isEqualTo(Vectors.bytes(folder + ".priv"));
        assertThat(key.verify(GO_MESSAGE, privateKey.sign(GO_MESSAGE))).isTrue();
    }

    @Test
    void ourSecp256k1SignatureIsGosByteForByte() throws Exception {
        PrivateKey key =
                Keys.privateFromProtobuf(Vectors.bytes("libp2p/go_crypto_test_data/2.priv"));
        assertThat(key.sign(GO_MESSAGE))
                .isEqualTo(Vectors.bytes("libp2p/go_crypto_test_data/2.sig"));

        JsonNode other = Vectors.json("libp2p/go_secp256k1_key.json");
        List<String> literals =
                other.get("hex_literals").valueStream().map(JsonNode::asString).toList();
        byte[] message = other.get("message").asString().getBytes(UTF_8);
        PrivateKey second = Keys.privateFromProtobuf(hex(literals.get(1)));
        assertThat(second.publicKey()).isEqualTo(PublicKey.fromProtobuf(hex(literals.get(0))));
        assertThat(second.sign(message)).isEqualTo(hex(literals.get(3)));
        assertThat(second.publicKey().verify(message, hex(literals.get(3)))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void ecdsaKeysOfEachCurveVerify(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        java.security.KeyPair pair = generator.generateKeyPair();
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(pair.getPrivate());
        signer.update(GO_MESSAGE);
        byte[] signature = signer.sign();
        PublicKey key = PublicKey.of(KeyType.ECDSA, Bytes.wrap(pair.getPublic().getEncoded()));
        assertThat(PublicKey.fromProtobuf(key.toProtobuf().toArray())).isEqualTo(key);
        assertThat(key.verify(GO_MESSAGE, signature)).isTrue();
        assertThat(key.verify(new byte[1], signature)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void anEcdsaPointThatIsNotOnItsCurveIsNoKey(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
        encoded[encoded.length - 1] ^= 1;
        assertRefused(Code.INVALID, () -> PublicKey.of(KeyType.ECDSA, Bytes.of(encoded)));
    }

    @ParameterizedTest
    @EnumSource
    void aFreshKeySignsAndComesBackFromItsFile(KeyType type) throws Exception {
        PrivateKey alice = Keys.generate(type, random);
        PrivateKey mallory = Keys.generate(type, random);
        byte[] signature = alice.sign(GO_MESSAGE);
        assertThat(alice.publicKey().verify(GO_MESSAGE, signature)).isTrue();
        assertThat(mallory.publicKey().verify(GO_MESSAGE, signature)).isFalse();
        assertThat(alice.publicKey().verify(new byte[0], signature)).isFalse();
        PrivateKey again = Keys.privateFromProtobuf(alice.toProtobuf());
        assertThat(again.publicKey())
                .isEqualTo(alice.publicKey())
                .isNotEqualTo(mallory.publicKey());
        assertThat(again.sign(GO_MESSAGE)).isEqualTo(signature);
        boolean inline = type == KeyType.ED25519 || type == KeyType.SECP256K1;
        assertThat(alice.publicKey().peerId().inlineKey())
                .isEqualTo(inline ? Optional.of(alice.publicKey()) : Optional.empty());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RSA")
    void aPrivateKeyNeverPrintsItself(KeyType type) {
        PrivateKey key = Keys.generate(type, random);
        String secret = HexFormat.of().formatHex(key.toProtobuf(), 4, 36);
        assertThat(key.toString())
                .isEqualTo("private key of " + key.publicKey().peerId())
                .doesNotContain(secret);
    }

    @Test
    void ourSecp256k1SignaturesHaveALowS() throws Exception {
        PrivateKey key = Keys.generate(KeyType.SECP256K1, random);
        for (int i = 0; i < 30; i++) {
            byte[] signature = key.sign(new byte[i]);
            DerSignature parsed =
                    DerSignature.parse(signature, Secp256k1Curve.DOMAIN.getN()).orElseThrow();
            assertThat(parsed.s()).isLessThanOrEqualTo(Secp256k1Curve.HALF_ORDER);
            assertThat(parsed.encode()).isEqualTo(signature);
        }
    }

    @Test
    void theOlderForm96BytesLongIsReadWhereItsHalvesMatch() throws Exception {
        PrivateKey key = Keys.generate(KeyType.ED25519, random);
        byte[] data = java.util.Arrays.copyOfRange(key.toProtobuf(), 4, 68);
        byte[] older = java.util.Arrays.copyOf(data, 96);
        System.arraycopy(data, 32, older, 64, 32);
        byte[] message = KeyProtobuf.encode(KeyType.ED25519, older);
        assertThat(Keys.privateFromProtobuf(message).publicKey()).isEqualTo(key.publicKey());
        message[message.length - 1] ^= 1;
        assertRefused(Code.INVALID, () -> Keys.privateFromProtobuf(message));
    }

    @Test
    void aPrivateKeyWithAnothersPublicHalfIsRefused() {
        byte[] message = Keys.generate(KeyType.ED25519, random).toProtobuf();
        message[40] ^= 1;
        assertRefused(Code.INVALID, () -> Keys.privateFromProtobuf(message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Zero, and the order of the curve.
                "0000000000000000000000000000000000000000000000000000000000000000",
                "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
            })
    void aSecp256k1ScalarOutOfRangeIsRefused(String scalar) {
        assertRefused(
                Code.INVALID,
                () -> Keys.privateFromProtobuf(KeyProtobuf.encode(KeyType.SECP256K1, hex(scalar))));
    }

    @ParameterizedTest
    @CsvSource({
        // Empty, only a type, only data.
        "'', ENCODING",
        "0801, ENCODING",
        "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e, ENCODING",
        // The type as two bytes, the length as two bytes, data before type, an unknown field
        // behind.
        "08810012201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e, ENCODING",
        "080112a0001ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e, ENCODING",
        "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e0801, ENCODING",
        "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1801, ENCODING",
        // Cut short, an unknown type, a wrong size.
        "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2, ENCODING",
        "080412201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e, UNSUPPORTED",
        "0801121f1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2, SIZE",
        "0802122037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca9, SIZE",
        // Not on the curve: an x without a point, and a prefix that says nothing.
        "08021221020000000000000000000000000000000000000000000000000000000000000005, INVALID",
        "08021221057777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99, INVALID",
        // The point at infinity, padded.
        "0802122100000000000000000000000000000000000000000000000000000000000000000000, ENCODING",
        "08021221000000000000000000000000000000000000000000000000000000000000000000, INVALID",
        "08001203020101, INVALID",
        "08031203020101, INVALID"
    })
    void whatIsNotTheOneEncodingOfAKeyIsRefused(String hex, Code code) {
        assertRefused(code, () -> PublicKey.fromProtobuf(hex(hex)));
    }

    @Test
    void anEd25519KeyForWhichAnyoneCanSignIsRefused() throws Exception {
        // Under the neutral point, R = S * B is a signature of every message.
        byte[] neutral = hex("01" + "00".repeat(31));
        byte[] seed = new byte[32];
        byte[] scalar = java.util.Arrays.copyOf(sha512(seed), 32);
        scalar[0] &= (byte) 0xf8;
        scalar[31] = (byte) ((scalar[31] & 0x7f) | 0x40);
        BigInteger order =
                BigInteger.ONE
                        .shiftLeft(252)
                        .add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] s =
                BigIntegers.asUnsignedByteArray(
                        32, new BigInteger(1, Bytes.wrap(scalar).reversed().toArray()).mod(order));
        Bytes forged =
                Bytes.concat(
                        Bytes.wrap(CurveEngine.ed25519PublicKey(seed)), Bytes.wrap(s).reversed());
        assertThat(
                        new ConscryptCurveEngine()
                                .verifier(neutral)
                                .verify(GO_MESSAGE, forged.toArray()))
                .isTrue();
        for (String y :
                List.of(
                        "00" + "00".repeat(31),
                        "01" + "00".repeat(31),
                        "ec" + "ff".repeat(30) + "7f",
                        "ed" + "ff".repeat(30) + "7f",
                        "ee" + "ff".repeat(30) + "7f",
                        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")) {
            byte[] key = hex(y);
            assertThat(Ed25519.validatePublicKeyFull(key, 0)).as(y).isFalse();
            assertRefused(Code.INVALID, () -> PublicKey.of(KeyType.ED25519, Bytes.of(key)));
            key[31] ^= (byte) 0x80;
            assertRefused(Code.INVALID, () -> PublicKey.of(KeyType.ED25519, Bytes.of(key)));
        }
    }

    private static byte[] sha512(byte[] input) throws Exception {
        return java.security.MessageDigest.getInstance("SHA-512").digest(input);
    }

    @Test
    void aMessageOverTheBoundIsRefused() {
        assertRefused(
                Code.SIZE, () -> PublicKey.fromProtobuf(new byte[KeyProtobuf.MAX_LENGTH + 1]));
    }

    @Test
    void hostileKeyBytesAreAKeyThatEncodesToThemOrATypedError() {
        List<byte[]> seeds =
                Vectors.json("libp2p/peer_id_key_vectors.json")
                        .get("keys")
                        .valueStream()
                        .map(node -> hex(node.get("protobuf_hex").asString()))
                        .toList();
        new Hostile(5)
                .feed(
                        10_000,
                        seeds,
                        input -> {
                            try {
                                PublicKey key = PublicKey.fromProtobuf(input);
                                assertThat(key.toProtobuf().toArray()).isEqualTo(input);
                                assertThat(PeerId.of(key).matches(key)).isTrue();
                                assertThat(key.verify(input, input)).isFalse();
                            } catch (KeyFormatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                            try {
                                assertThat(Keys.privateFromProtobuf(input).toProtobuf())
                                        .isEqualTo(input);
                            } catch (KeyFormatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    @Test
    void hostileSignaturesAreFalseAndNeverThrow() throws Exception {
        for (int number : new int[] {0, 2, 3}) {
            String folder = "libp2p/go_crypto_test_data/" + number;
            PublicKey key = PublicKey.fromProtobuf(Vectors.bytes(folder + ".pub"));
            byte[] signature = Vectors.bytes(folder + ".sig");
            new Hostile(number)
                    .feed(
                            1_000,
                            List.of(signature),
                            input -> {
                                boolean same = java.util.Arrays.equals(input, signature);
                                assertThat(key.verify(GO_MESSAGE, input)).isEqualTo(same);
                            });
        }
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
