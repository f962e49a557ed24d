package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.ECPoint;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.io.IOException;
import java.math.BigInteger;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;

/// A PKIX key on P-256, P-384 or P-521; ECDSA over SHA-256 with DER signatures (peer-ids.md#ecdsa).
final class EcdsaPublicKey extends EncodedPublicKey {
    private final ECPublicKey key;

    private EcdsaPublicKey(Bytes raw, ECPublicKey key) {
        super(KeyType.ECDSA, raw);
        this.key = key;
    }

    /// The key of a point that was computed here.
    static EcdsaPublicKey of(EcdsaCurve curve, ECPoint point) {
        try {
            return parse(
                    Bytes.wrap(
                            new SubjectPublicKeyInfo(
                                            new AlgorithmIdentifier(
                                                    X9ObjectIdentifiers.id_ecPublicKey,
                                                    curve.oid()),
                                            point.getEncoded(false))
                                    .getEncoded(ASN1Encoding.DER)));
        } catch (IOException | KeyFormatException e) {
            throw new IllegalStateException("a derived public key must parse", e);
        }
    }

    static EcdsaPublicKey parse(Bytes raw) throws KeyFormatException {
        // The JDK knows these three curves only.
        if (!(Pkix.parse("EC", raw) instanceof ECPublicKey key)) {
            throw new KeyFormatException(Code.INVALID, "not an elliptic curve key");
        }
        if (!isOnItsCurve(key)) {
            throw new KeyFormatException(Code.INVALID, "a point that is not on its curve");
        }
        return new EcdsaPublicKey(raw, key);
    }

    /// y² = x³ + ax + b, which the JDK does not look at when it reads a key. The curves have prime
    /// order: there is no other subgroup to fall into.
    private static boolean isOnItsCurve(ECPublicKey key) {
        EllipticCurve curve = key.getParams().getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = key.getW().getAffineX();
        BigInteger y = key.getW().getAffineY();
        if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
        return y.multiply(y).subtract(right).mod(p).signum() == 0;
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        // The JDK also takes encodings that are not DER: a missing leading zero, for one.
        return DerSignature.parse(signature, key.getParams().getOrder()).isPresent()
                && Pkix.verify("SHA256withECDSA", key, message, signature);
    }
}
