package org.tutti.libp2p.internal.curve25519;

import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

import java.security.SecureRandom;

/// BouncyCastle's low-level classes: plain Java, wherever there is no native library.
final class BouncyCastleCurveEngine implements CurveEngine {
    private final SecureRandom random;

    BouncyCastleCurveEngine(SecureRandom random) {
        this.random = random;
    }

    @Override
    public String name() {
        return "BouncyCastle";
    }

    @Override
    public X25519KeyPair generate() {
        byte[] privateKey = new byte[X25519KeyPair.LENGTH];
        random.nextBytes(privateKey);
        return X25519KeyPair.of(privateKey);
    }

    @Override
    public byte[] agree(byte[] privateKey, byte[] publicKey) {
        byte[] secret = new byte[X25519.POINT_SIZE];
        // The answer only says whether the secret is all zeros, which the caller checks for all
        // engines.
        var _ = X25519.calculateAgreement(privateKey, 0, publicKey, 0, secret, 0);
        return secret;
    }

    @Override
    public Signer signer(byte[] seed) {
        byte[] publicKey = CurveEngine.ed25519PublicKey(seed);
        byte[] copy = seed.clone();
        return message -> {
            byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
            Ed25519.sign(copy, 0, publicKey, 0, message, 0, message.length, signature, 0);
            return signature;
        };
    }

    @Override
    public Verifier verifier(byte[] publicKey) {
        byte[] copy = publicKey.clone();
        return (message, signature) ->
                Ed25519.verify(signature, 0, copy, 0, message, 0, message.length);
    }
}
