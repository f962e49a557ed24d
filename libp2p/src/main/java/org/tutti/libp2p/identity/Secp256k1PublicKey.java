package org.tutti.libp2p.identity;

import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.multiformats.HashFunction;

import java.math.BigInteger;

/// A compressed point, 33 bytes; ECDSA over SHA-256 with DER signatures (peer-ids.md#secp256k1).
///
/// A signature with a high S verifies, as it does in go: an identity signature is not a
/// transaction, and nobody counts them.
final class Secp256k1PublicKey extends EncodedPublicKey {
    private static final int LENGTH = 33;

    private final ECPublicKeyParameters key;

    private Secp256k1PublicKey(Bytes raw, ECPublicKeyParameters key) {
        super(KeyType.SECP256K1, raw);
        this.key = key;
    }

    static Secp256k1PublicKey parse(Bytes raw) throws KeyFormatException {
        // The uncompressed form would give the same key a second peer id.
        if (raw.length() != LENGTH) {
            throw new KeyFormatException(
                    Code.SIZE, "secp256k1 public key of " + raw.length() + " bytes, not " + LENGTH);
        }
        try {
            ECPoint point = Secp256k1Curve.DOMAIN.getCurve().decodePoint(raw.toArray());
            return new Secp256k1PublicKey(
                    raw, new ECPublicKeyParameters(point, Secp256k1Curve.DOMAIN));
        } catch (IllegalArgumentException e) {
            throw new KeyFormatException(Code.INVALID, "secp256k1 public key is not on the curve");
        }
    }

    static Secp256k1PublicKey of(ECPoint point) {
        return new Secp256k1PublicKey(
                Bytes.wrap(point.getEncoded(true)),
                new ECPublicKeyParameters(point, Secp256k1Curve.DOMAIN));
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        return DerSignature.parse(signature, Secp256k1Curve.DOMAIN.getN())
                .map(parsed -> verify(message, parsed.r(), parsed.s()))
                .orElse(false);
    }

    private boolean verify(byte[] message, BigInteger r, BigInteger s) {
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, key);
        return verifier.verifySignature(HashFunction.SHA2_256.digest(message).toArray(), r, s);
    }
}
