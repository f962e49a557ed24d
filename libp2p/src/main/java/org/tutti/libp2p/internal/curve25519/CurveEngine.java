package org.tutti.libp2p.internal.curve25519;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

import java.security.InvalidKeyException;

/// The arithmetic of RFC 7748 (X25519) and RFC 8032 (Ed25519), done by one library. Stateless and
/// therefore safe for any number of threads.
public sealed interface CurveEngine permits ConscryptCurveEngine, BouncyCastleCurveEngine {
    /// The library's name and version, for humans.
    String name();

    /// A fresh key pair from the library's own generator of random numbers.
    X25519KeyPair generate();

    /// The shared secret, which may still be all zeros: [Curve25519] refuses that.
    ///
    /// @param privateKey 32 bytes, clamped by the engine
    /// @param publicKey 32 bytes
    byte[] agree(byte[] privateKey, byte[] publicKey) throws InvalidKeyException;

    /// @param seed 32 bytes
    Signer signer(byte[] seed) throws InvalidKeyException;

    /// @param publicKey 32 bytes
    Verifier verifier(byte[] publicKey) throws InvalidKeyException;

    /// A parsed Ed25519 private key.
    interface Signer {
        /// 64 bytes.
        byte[] sign(byte[] message);
    }

    /// A parsed Ed25519 public key.
    interface Verifier {
        /// @param signature 64 bytes
        boolean verify(byte[] message, byte[] signature);
    }

    /// The public key of a seed. Conscrypt derives it only inside its generator, so both engines
    /// ask BouncyCastle; it happens once for each key.
    static byte[] ed25519PublicKey(byte[] seed) {
        byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }
}
