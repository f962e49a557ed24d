package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.multiformats.HashFunction;

import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/// A scalar of P-256, P-384 or P-521 (peer-ids.md#ecdsa).
///
/// peer-ids.md says "DER-encoded PKIX" of the private key; go, js and rust write the ECPrivateKey
/// of SEC 1 (RFC 5915), and the spec's own test vector is one.
final class EcdsaPrivateKey implements PrivateKey {
    private final EcdsaCurve curve;
    private final ECPrivateKeyParameters key;
    private final ECPoint point;
    private final EcdsaPublicKey publicKey;

    private EcdsaPrivateKey(EcdsaCurve curve, BigInteger scalar) {
        this.curve = curve;
        this.key = new ECPrivateKeyParameters(scalar, curve.domain());
        this.point =
                new FixedPointCombMultiplier().multiply(curve.domain().getG(), scalar).normalize();
        this.publicKey = EcdsaPublicKey.of(curve, point);
    }

    /// On P-256, the one curve that go, rust and js all know.
    static EcdsaPrivateKey generate(SecureRandom random) {
        return generate(EcdsaCurve.P256, random);
    }

    static EcdsaPrivateKey generate(EcdsaCurve curve, SecureRandom random) {
        BigInteger scalar;
        do {
            scalar = new BigInteger(curve.domain().getN().bitLength(), random);
        } while (!inRange(curve, scalar));
        return new EcdsaPrivateKey(curve, scalar);
    }

    private static boolean inRange(EcdsaCurve curve, BigInteger scalar) {
        return scalar.signum() > 0 && scalar.compareTo(curve.domain().getN()) < 0;
    }

    static EcdsaPrivateKey parse(byte[] data) throws KeyFormatException {
        Sec1 parsed = parseSec1(data);
        int length = parsed.scalarLength;
        // rust leaves the curve out; no two of ours have scalars of the same length.
        EcdsaCurve curve =
                named(parsed)
                        .or(() -> EcdsaCurve.withScalarOf(length))
                        .filter(c -> c.scalarLength() == length)
                        .orElseThrow(() ->
                                new KeyFormatException(
                                        Code.UNSUPPORTED,
                                        "ECDSA private key that is not on P-256, P-384 or P-521"));
        if (!inRange(curve, parsed.scalar)) {
            throw new KeyFormatException(Code.INVALID, "ECDSA private key is out of range");
        }
        EcdsaPrivateKey key = new EcdsaPrivateKey(curve, parsed.scalar);
        Bytes point = Bytes.wrap(key.point.getEncoded(false));
        if (parsed.point.filter(claimed -> !claimed.equals(point)).isPresent()) {
            throw new KeyFormatException(
                    Code.INVALID, "ECDSA private key does not belong to its public key");
        }
        byte[] strict = key.sec1(parsed.curve.isPresent(), parsed.point.isPresent());
        if (!Arrays.equals(strict, data)) {
            throw new KeyFormatException(Code.ENCODING, "ECDSA private key is not in DER");
        }
        Arrays.fill(strict, (byte) 0);
        return key;
    }

    /// What the DER says; nothing of it is checked.
    private record Sec1(
            BigInteger scalar,
            int scalarLength,
            Optional<ASN1Primitive> curve,
            Optional<Bytes> point) {}

    private static Sec1 parseSec1(byte[] data) throws KeyFormatException {
        try {
            ECPrivateKey key = ECPrivateKey.getInstance(ASN1Primitive.fromByteArray(data));
            return new Sec1(
                    key.getKey(),
                    key.getPrivateKey().getOctetsLength(),
                    Optional.ofNullable(key.getParametersObject()).map(ASN1Object::toASN1Primitive),
                    Optional.ofNullable(key.getPublicKey()).map(it -> Bytes.of(it.getOctets())));
        } catch (IOException | RuntimeException e) {
            // BouncyCastle looks at each field when it is asked for, and throws what it likes.
            throw new KeyFormatException(Code.INVALID, "not an ECDSA private key");
        }
    }

    private static Optional<EcdsaCurve> named(Sec1 parsed) throws KeyFormatException {
        if (parsed.curve.isEmpty()) {
            return Optional.empty();
        }
        if (!(parsed.curve.get() instanceof ASN1ObjectIdentifier oid)) {
            throw new KeyFormatException(
                    Code.UNSUPPORTED, "ECDSA private key with a curve of its own");
        }
        return Optional.of(
                EcdsaCurve.of(oid)
                        .orElseThrow(() ->
                                new KeyFormatException(
                                        Code.UNSUPPORTED,
                                        "ECDSA private key on the curve " + oid.getId())));
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    /// Deterministic (RFC 6979, which peer-ids.md#ecdsa cites), over SHA-256 on every curve.
    @Override
    public byte[] sign(byte[] message) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, key);
        BigInteger[] rs = signer.generateSignature(HashFunction.SHA2_256.digest(message).toArray());
        return new DerSignature(rs[0], rs[1]).encode();
    }

    /// As go writes it, with curve and public key.
    @Override
    public byte[] toProtobuf() {
        byte[] data = sec1(true, true);
        byte[] out = KeyProtobuf.encode(KeyType.ECDSA, data);
        Arrays.fill(data, (byte) 0);
        return out;
    }

    /// RFC 5915 section 3; the scalar has the length of the curve's order.
    private byte[] sec1(boolean withCurve, boolean withPoint) {
        ECPrivateKey sec1 =
                new ECPrivateKey(
                        curve.domain().getN().bitLength(),
                        key.getD(),
                        withPoint ? new DERBitString(point.getEncoded(false)) : null,
                        withCurve ? curve.oid() : null);
        try {
            return sec1.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("written to memory", e);
        }
    }

    @Override
    public String toString() {
        return "private key of " + publicKey.peerId();
    }
}
