package org.tutti.libp2p.identity;

import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.multiformats.HashFunction;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;

/// A scalar of 32 bytes, big-endian. An identity key only: signing keys for bitcoin live in
/// `musig`, in memory that is wiped.
final class Secp256k1PrivateKey implements PrivateKey {
    private static final int LENGTH = 32;

    private final ECPrivateKeyParameters key;
    private final Secp256k1PublicKey publicKey;

    private Secp256k1PrivateKey(BigInteger scalar) {
        key = new ECPrivateKeyParameters(scalar, Secp256k1Curve.DOMAIN);
        publicKey =
                Secp256k1PublicKey.of(
                        new FixedPointCombMultiplier()
                                .multiply(Secp256k1Curve.DOMAIN.getG(), scalar)
                                .normalize());
    }

    static Secp256k1PrivateKey generate(SecureRandom random) {
        byte[] data = new byte[LENGTH];
        BigInteger scalar;
        do {
            random.nextBytes(data);
            scalar = new BigInteger(1, data);
        } while (!inRange(scalar));
        Arrays.fill(data, (byte) 0);
        return new Secp256k1PrivateKey(scalar);
    }

    static Secp256k1PrivateKey parse(byte[] data) throws KeyFormatException {
        if (data.length != LENGTH) {
            throw new KeyFormatException(
                    Code.SIZE, "secp256k1 private key of " + data.length + " bytes, not " + LENGTH);
        }
        BigInteger scalar = new BigInteger(1, data);
        if (!inRange(scalar)) {
            throw new KeyFormatException(Code.INVALID, "secp256k1 private key is out of range");
        }
        return new Secp256k1PrivateKey(scalar);
    }

    private static boolean inRange(BigInteger scalar) {
        return scalar.signum() > 0 && scalar.compareTo(Secp256k1Curve.DOMAIN.getN()) < 0;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    /// Deterministic (RFC 6979), with the low S that BIP 62 asks for.
    @Override
    public byte[] sign(byte[] message) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, key);
        BigInteger[] rs = signer.generateSignature(HashFunction.SHA2_256.digest(message).toArray());
        BigInteger s =
                rs[1].compareTo(Secp256k1Curve.HALF_ORDER) > 0
                        ? Secp256k1Curve.DOMAIN.getN().subtract(rs[1])
                        : rs[1];
        return new DerSignature(rs[0], s).encode();
    }

    @Override
    public byte[] toProtobuf() {
        byte[] data = BigIntegers.asUnsignedByteArray(LENGTH, key.getD());
        byte[] out = KeyProtobuf.encode(KeyType.SECP256K1, data);
        Arrays.fill(data, (byte) 0);
        return out;
    }

    @Override
    public String toString() {
        return "private key of " + publicKey.peerId();
    }
}
