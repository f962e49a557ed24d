package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.libp2p.identity.KeyRefusals.assertRefused;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

class EcdsaPrivateKeyTest {
    private static final byte[] MESSAGE = "Libp2p is the _best_!".getBytes(UTF_8);

    private final SecureRandom random = new SecureRandom();

    @ParameterizedTest
    @EnumSource
    void aKeyOfEachCurveSignsAndComesBackFromItsFile(EcdsaCurve curve) throws Exception {
        PrivateKey key = EcdsaPrivateKey.generate(curve, random);
        for (int i = 0; i < 20; i++) {
            byte[] message = new byte[i];
            byte[] signature = key.sign(message);
            assertThat(key.publicKey().verify(message, signature)).isTrue();
            assertThat(key.publicKey().verify(MESSAGE, signature)).isFalse();
            assertThat(DerSignature.parse(signature, curve.domain().getN()).orElseThrow().encode())
                    .isEqualTo(signature);
        }
        PrivateKey again = Keys.privateFromProtobuf(key.toProtobuf());
        assertThat(again.publicKey()).isEqualTo(key.publicKey());
        assertThat(again.sign(MESSAGE)).isEqualTo(key.sign(MESSAGE));
        assertThat(again.toProtobuf()).isEqualTo(key.toProtobuf());
    }

    @Test
    void theSignatureIsThatOfRfc6979() throws Exception {
        // RFC 6979 appendix A.2.5, SHA-256, message "sample".
        byte[] scalar =
                HexFormat.of()
                        .parseHex(
                                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
        byte[] signature = parse(scalar, null, null).sign("sample".getBytes(UTF_8));
        DerSignature rs =
                DerSignature.parse(signature, EcdsaCurve.P256.domain().getN()).orElseThrow();
        assertThat(rs.r())
                .isEqualTo(
                        new BigInteger(
                                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                                16));
        assertThat(rs.s())
                .isEqualTo(
                        new BigInteger(
                                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
                                16));
    }

    /// Through DER, as in a file.
    private static PrivateKey parse(
            byte[] scalar, @Nullable ASN1Encodable curve, byte @Nullable [] point)
            throws Exception {
        return Keys.privateFromProtobuf(message(scalar, curve, point));
    }

    private static byte[] message(
            byte[] scalar, @Nullable ASN1Encodable curve, byte @Nullable [] point)
            throws Exception {
        ECPrivateKey key =
                new ECPrivateKey(
                        new DEROctetString(scalar),
                        curve,
                        point == null ? null : new DERBitString(point));
        return KeyProtobuf.encode(KeyType.ECDSA, key.getEncoded("DER"));
    }

    @ParameterizedTest
    @EnumSource
    void aKeyWithoutItsCurveAsRustWritesItIsRead(EcdsaCurve curve) throws Exception {
        PrivateKey key = EcdsaPrivateKey.generate(curve, random);
        byte[] data = key.toProtobuf();
        ECPrivateKey sec1 = sec1(data);
        byte[] message =
                message(sec1.getPrivateKey().getOctets(), null, sec1.getPublicKey().getOctets());
        assertThat(message.length).isLessThan(data.length);
        PrivateKey again = Keys.privateFromProtobuf(message);
        assertThat(again.publicKey()).isEqualTo(key.publicKey());
        assertThat(again.toProtobuf()).isEqualTo(data);
    }

    private static ECPrivateKey sec1(byte[] message) {
        int head = message.length > 130 ? 5 : 4;
        return ECPrivateKey.getInstance(Arrays.copyOfRange(message, head, message.length));
    }

    @Test
    void aKeyWithAnothersPublicHalfIsRefused() throws Exception {
        ECPrivateKey one = sec1(EcdsaPrivateKey.generate(random).toProtobuf());
        ECPrivateKey other = sec1(EcdsaPrivateKey.generate(random).toProtobuf());
        assertRefused(
                Code.INVALID,
                () ->
                        parse(
                                one.getPrivateKey().getOctets(),
                                SECObjectIdentifiers.secp256r1,
                                other.getPublicKey().getOctets()));
    }

    @Test
    void aScalarOutOfRangeOrOfAnotherLengthIsRefused() {
        byte[] order = EcdsaCurve.P256.domain().getN().toByteArray();
        byte[] tooLarge = Arrays.copyOfRange(order, order.length - 32, order.length);
        assertRefused(Code.INVALID, () -> parse(tooLarge, null, null));
        assertRefused(Code.INVALID, () -> parse(new byte[32], null, null));
        assertRefused(Code.UNSUPPORTED, () -> parse(new byte[31], null, null));
        assertRefused(
                Code.UNSUPPORTED, () -> parse(new byte[48], SECObjectIdentifiers.secp256r1, null));
    }

    @Test
    void aCurveThatIsNotOneOfTheThreeIsRefused() {
        byte[] scalar = new byte[32];
        scalar[31] = 1;
        assertRefused(Code.UNSUPPORTED, () -> parse(scalar, SECObjectIdentifiers.secp256k1, null));
        assertRefused(Code.UNSUPPORTED, () -> parse(scalar, DERNull.INSTANCE, null));
    }

    @Test
    void whatIsNotOneKeyInDerIsRefused() {
        byte[] go = Vectors.bytes("libp2p/go_crypto_test_data/3.priv");
        byte[] data = Arrays.copyOfRange(go, 4, go.length);
        byte[] longer = Arrays.copyOf(data, data.length + 1);
        assertRefused(Code.INVALID, () -> EcdsaPrivateKey.parse(longer));
        assertRefused(Code.INVALID, () -> EcdsaPrivateKey.parse(new byte[0]));
        assertRefused(
                Code.INVALID, () -> EcdsaPrivateKey.parse(Arrays.copyOf(data, data.length - 1)));
        // The outer length in two bytes where one would do.
        byte[] ber = new byte[data.length + 1];
        ber[0] = data[0];
        ber[1] = (byte) 0x81;
        System.arraycopy(data, 1, ber, 2, data.length - 1);
        assertRefused(Code.ENCODING, () -> EcdsaPrivateKey.parse(ber));
    }
}
