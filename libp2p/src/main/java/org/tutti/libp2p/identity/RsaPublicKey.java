package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.io.IOException;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;

/// A PKIX key; RSASSA-PKCS1-v1_5 over SHA-256 (peer-ids.md#rsa).
final class RsaPublicKey extends EncodedPublicKey {
    static final int MIN_BITS = 2048;
    static final int MAX_BITS = 8192;

    /// The largest exponent that go accepts. A long one makes each verification as dear as a
    /// signature.
    private static final BigInteger MAX_EXPONENT = BigInteger.valueOf(Integer.MAX_VALUE);

    private static final BigInteger MIN_EXPONENT = BigInteger.TWO;

    private final RSAPublicKey key;

    private RsaPublicKey(Bytes raw, RSAPublicKey key) {
        super(KeyType.RSA, raw);
        this.key = key;
    }

    static RsaPublicKey parse(Bytes raw) throws KeyFormatException {
        if (!(Pkix.parse("RSA", raw) instanceof RSAPublicKey key)) {
            throw new KeyFormatException(Code.INVALID, "not an RSA key");
        }
        requireBounds(key.getModulus(), key.getPublicExponent());
        if (!Arrays.equals(encode(key.getModulus(), key.getPublicExponent()), raw.toArray())) {
            throw new KeyFormatException(Code.ENCODING, "RSA key is not in its one DER form");
        }
        return new RsaPublicKey(raw, key);
    }

    /// @throws KeyFormatException if the modulus is shorter or longer than the spec's, or the
    ///   exponent one that go refuses
    static void requireBounds(BigInteger modulus, BigInteger exponent) throws KeyFormatException {
        int bits = modulus.bitLength();
        if (bits < MIN_BITS || bits > MAX_BITS) {
            throw new KeyFormatException(
                    Code.SIZE,
                    "RSA modulus of " + bits + " bits, not " + MIN_BITS + " to " + MAX_BITS);
        }
        if (exponent.compareTo(MIN_EXPONENT) <= 0
                || exponent.compareTo(MAX_EXPONENT) > 0
                || !exponent.testBit(0)
                || !modulus.testBit(0)) {
            throw new KeyFormatException(Code.INVALID, "RSA exponent or modulus out of range");
        }
    }

    /// SubjectPublicKeyInfo of the key, as go writes it before it hashes it to a peer id.
    static byte[] encode(BigInteger modulus, BigInteger exponent) {
        try {
            return new SubjectPublicKeyInfo(
                            new AlgorithmIdentifier(
                                    PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                            new org.bouncycastle.asn1.pkcs.RSAPublicKey(modulus, exponent))
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("written to memory", e);
        }
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        return Pkix.verify("SHA256withRSA", key, message, signature);
    }
}
