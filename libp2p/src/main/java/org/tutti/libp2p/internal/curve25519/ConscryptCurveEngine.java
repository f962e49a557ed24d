package org.tutti.libp2p.internal.curve25519;

import org.conscrypt.Conscrypt;
import org.tutti.base.Bytes;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.EncodedKeySpec;
import java.util.Arrays;

import javax.crypto.KeyAgreement;

/// BoringSSL through Conscrypt. The provider object is used directly and never registered with the
/// JVM.
///
/// Signature and KeyAgreement objects are made for each operation: making one costs 0.04 µs, and
/// one that two threads share gives wrong secrets silently.
public final class ConscryptCurveEngine implements CurveEngine {
    private final Provider provider;
    private final KeyFactory xdh;
    private final KeyFactory eddsa;

    /// @throws GeneralSecurityException if this Conscrypt lacks one of the algorithms
    /// @throws LinkageError if its native part does not load on this machine
    public ConscryptCurveEngine() throws GeneralSecurityException {
        provider = Conscrypt.newProvider();
        xdh = KeyFactory.getInstance("XDH", provider);
        eddsa = KeyFactory.getInstance("EdDSA", provider);
    }

    /// A key in the encoding that Conscrypt calls "raw": its 32 bytes.
    private static final class Raw extends EncodedKeySpec {
        Raw(byte[] key) {
            super(key);
        }

        @Override
        public String getFormat() {
            return "raw";
        }
    }

    @Override
    public String name() {
        Conscrypt.Version version = Conscrypt.version();
        return "Conscrypt " + version.major() + "." + version.minor() + "." + version.patch();
    }

    @Override
    public X25519KeyPair generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("XDH", provider).generateKeyPair();
            // Both DER forms are a fixed preamble and then the 32 bytes (RFC 8410).
            return new X25519KeyPair(
                    last32(pair.getPrivate().getEncoded()),
                    Bytes.wrap(last32(pair.getPublic().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("X25519 worked at start", e);
        }
    }

    private static byte[] last32(byte[] der) {
        return Arrays.copyOfRange(der, der.length - X25519KeyPair.LENGTH, der.length);
    }

    @Override
    public byte[] agree(byte[] privateKey, byte[] publicKey) throws InvalidKeyException {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("XDH", provider);
            agreement.init(xdh.generatePrivate(new Raw(privateKey)));
            agreement.doPhase(xdh.generatePublic(new Raw(publicKey)), true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException e) {
            // BoringSSL itself refuses an all-zero result.
            throw new InvalidKeyException("X25519 public key of small order");
        }
    }

    @Override
    public Signer signer(byte[] seed) throws InvalidKeyException {
        try {
            java.security.PrivateKey key = eddsa.generatePrivate(new Raw(seed));
            return message -> sign(key, message);
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("not an Ed25519 seed");
        }
    }

    private byte[] sign(java.security.PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance("EdDSA", provider);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 worked at start", e);
        }
    }

    @Override
    public Verifier verifier(byte[] publicKey) throws InvalidKeyException {
        try {
            java.security.PublicKey key = eddsa.generatePublic(new Raw(publicKey));
            return (message, signature) -> verify(key, message, signature);
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("not an Ed25519 public key");
        }
    }

    private boolean verify(java.security.PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature engine = Signature.getInstance("EdDSA", provider);
            engine.initVerify(key);
            engine.update(message);
            return engine.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
