package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;

/// An RSA key of two primes in PKCS#1 (RFC 8017 appendix A.1.2; peer-ids.md#rsa).
final class RsaPrivateKey implements PrivateKey {
    /// What NIST asks for after 2030; every peer reads up to 8192.
    static final int GENERATED_BITS = 3072;

    private final RSAPrivateCrtKey key;
    private final RsaPublicKey publicKey;

    private RsaPrivateKey(RSAPrivateCrtKey key) throws KeyFormatException {
        this.key = key;
        this.publicKey =
                RsaPublicKey.parse(
                        Bytes.wrap(RsaPublicKey.encode(key.getModulus(), key.getPublicExponent())));
    }

    static RsaPrivateKey generate(SecureRandom random) {
        return generate(GENERATED_BITS, random);
    }

    static RsaPrivateKey generate(int bits, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(
                    new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), random);
            return new RsaPrivateKey((RSAPrivateCrtKey) generator.generateKeyPair().getPrivate());
        } catch (GeneralSecurityException | KeyFormatException e) {
            throw new IllegalStateException("every JDK makes RSA keys", e);
        }
    }

    static RsaPrivateKey parse(byte[] data) throws KeyFormatException {
        org.bouncycastle.asn1.pkcs.RSAPrivateKey pkcs1 = parsePkcs1(data);
        // First of all its size: what follows takes time that grows with it.
        BigInteger n = pkcs1.getModulus();
        BigInteger e = pkcs1.getPublicExponent();
        RsaPublicKey.requireBounds(n, e);
        requireConsistent(pkcs1);
        try {
            return new RsaPrivateKey(
                    (RSAPrivateCrtKey)
                            KeyFactory.getInstance("RSA")
                                    .generatePrivate(
                                            new RSAPrivateCrtKeySpec(
                                                    n,
                                                    e,
                                                    pkcs1.getPrivateExponent(),
                                                    pkcs1.getPrime1(),
                                                    pkcs1.getPrime2(),
                                                    pkcs1.getExponent1(),
                                                    pkcs1.getExponent2(),
                                                    pkcs1.getCoefficient())));
        } catch (GeneralSecurityException | RuntimeException invalid) {
            throw new KeyFormatException(Code.INVALID, "not an RSA private key");
        }
    }

    private static org.bouncycastle.asn1.pkcs.RSAPrivateKey parsePkcs1(byte[] data)
            throws KeyFormatException {
        try {
            ASN1Primitive der = ASN1Primitive.fromByteArray(data);
            if (!Arrays.equals(der.getEncoded(ASN1Encoding.DER), data)) {
                throw new KeyFormatException(Code.ENCODING, "RSA private key is not in DER");
            }
            org.bouncycastle.asn1.pkcs.RSAPrivateKey key =
                    org.bouncycastle.asn1.pkcs.RSAPrivateKey.getInstance(der);
            if (key.getVersion().signum() != 0) {
                throw new KeyFormatException(
                        Code.UNSUPPORTED, "RSA private key of more than two primes");
            }
            return key;
        } catch (IOException | RuntimeException e) {
            throw new KeyFormatException(Code.INVALID, "not an RSA private key in PKCS#1");
        }
    }

    /// RFC 8017 section 3.2. A key whose numbers do not belong together would sign what nobody can
    /// verify, and give its primes away by that.
    private static void requireConsistent(org.bouncycastle.asn1.pkcs.RSAPrivateKey key)
            throws KeyFormatException {
        BigInteger p = key.getPrime1();
        BigInteger q = key.getPrime2();
        boolean factors =
                p.compareTo(BigInteger.ONE) > 0
                        && q.compareTo(BigInteger.ONE) > 0
                        && p.multiply(q).equals(key.getModulus());
        if (!factors) {
            throw new KeyFormatException(Code.INVALID, "RSA primes do not make the modulus");
        }
        boolean consistent =
                inverts(key.getPrivateExponent(), key, p)
                        && inverts(key.getPrivateExponent(), key, q)
                        && key.getExponent1()
                                .equals(key.getPrivateExponent().mod(p.subtract(BigInteger.ONE)))
                        && key.getExponent2()
                                .equals(key.getPrivateExponent().mod(q.subtract(BigInteger.ONE)))
                        && key.getCoefficient().signum() > 0
                        && key.getCoefficient().compareTo(p) < 0
                        && key.getCoefficient().multiply(q).mod(p).equals(BigInteger.ONE);
        if (!consistent) {
            throw new KeyFormatException(
                    Code.INVALID, "RSA private key does not belong to its public key");
        }
    }

    private static boolean inverts(
            BigInteger d, org.bouncycastle.asn1.pkcs.RSAPrivateKey key, BigInteger prime) {
        return d.signum() > 0
                && d.compareTo(key.getModulus()) < 0
                && d.multiply(key.getPublicExponent())
                        .mod(prime.subtract(BigInteger.ONE))
                        .equals(BigInteger.ONE);
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    /// Deterministic: PKCS#1 v1.5 has no random part.
    @Override
    public byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance("SHA256withRSA");
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key was checked when it was read", e);
        }
    }

    @Override
    public byte[] toProtobuf() {
        org.bouncycastle.asn1.pkcs.RSAPrivateKey pkcs1 =
                new org.bouncycastle.asn1.pkcs.RSAPrivateKey(
                        key.getModulus(),
                        key.getPublicExponent(),
                        key.getPrivateExponent(),
                        key.getPrimeP(),
                        key.getPrimeQ(),
                        key.getPrimeExponentP(),
                        key.getPrimeExponentQ(),
                        key.getCrtCoefficient());
        try {
            byte[] data = pkcs1.getEncoded(ASN1Encoding.DER);
            byte[] out = KeyProtobuf.encode(KeyType.RSA, data);
            Arrays.fill(data, (byte) 0);
            return out;
        } catch (IOException e) {
            throw new IllegalStateException("written to memory", e);
        }
    }

    @Override
    public String toString() {
        return "private key of " + publicKey.peerId();
    }
}
