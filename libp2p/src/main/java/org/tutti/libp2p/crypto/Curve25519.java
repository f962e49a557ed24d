package org.tutti.libp2p.crypto;

import org.tutti.libp2p.crypto.KeyFormatException.Code;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/// X25519 and Ed25519 by the fastest library that works on this machine: Conscrypt where its native
/// part loads, BouncyCastle's low-level classes where it does not. The JDK's own are 4 to 37 times
/// slower (measured on JDK 25), and that is most of what a connection costs.
///
/// Chosen once, when this class is first used, and the same from then on.
public final class Curve25519 {
    private static final CurveEngine ENGINE = choose();

    private Curve25519() {}

    /// Which library does the work, such as `Conscrypt 2.9.0`.
    public static String provider() {
        return ENGINE.name();
    }

    static CurveEngine engine() {
        return ENGINE;
    }

    private static CurveEngine choose() {
        try {
            CurveEngine conscrypt = new ConscryptCurveEngine();
            selfTest(conscrypt);
            return conscrypt;
        } catch (GeneralSecurityException
                | KeyFormatException
                | LinkageError
                | RuntimeException e) {
            return new BouncyCastleCurveEngine(new SecureRandom());
        }
    }

    /// One agreement and one signature, so that a native library that loads but does not work is
    /// found out here and not in the first connection.
    private static void selfTest(CurveEngine engine) throws KeyFormatException {
        X25519KeyPair alice = engine.generate();
        X25519KeyPair bob = engine.generate();
        byte[] one = engine.agree(alice.privateKey(), bob.publicKey().toArray());
        byte[] two = engine.agree(bob.privateKey(), alice.publicKey().toArray());
        byte[] seed = new byte[32];
        byte[] signature = engine.signer(seed).sign(one);
        if (!java.util.Arrays.equals(one, two)
                || !engine.verifier(CurveEngine.ed25519PublicKey(seed)).verify(two, signature)) {
            throw new IllegalStateException(engine.name() + " does not agree with itself");
        }
    }

    /// A fresh X25519 key pair from the chosen library's own generator: half the cost of
    /// [#generateX25519(SecureRandom)], and what a handshake should use.
    public static X25519KeyPair generateX25519() {
        return ENGINE.generate();
    }

    /// A fresh X25519 key pair from `random`: for tests that fix it.
    public static X25519KeyPair generateX25519(SecureRandom random) {
        byte[] privateKey = new byte[X25519KeyPair.LENGTH];
        random.nextBytes(privateKey);
        return X25519KeyPair.of(privateKey);
    }

    /// The X25519 shared secret, 32 bytes.
    ///
    /// @param privateKey 32 bytes, ours
    /// @param publicKey 32 bytes, the other side's; the unused high bit is ignored as RFC 7748 says
    /// @throws KeyFormatException if a length is wrong, or the result is all zeros: the other side
    ///   sent a point of small order, and the secret would not depend on our key (RFC 7748 section
    ///   6.1)
    public static byte[] agree(byte[] privateKey, byte[] publicKey) throws KeyFormatException {
        if (privateKey.length != X25519KeyPair.LENGTH || publicKey.length != X25519KeyPair.LENGTH) {
            throw new KeyFormatException(Code.SIZE, "X25519 keys have 32 bytes");
        }
        byte[] secret = ENGINE.agree(privateKey, publicKey);
        byte all = 0;
        for (byte b : secret) {
            all |= b;
        }
        if (all == 0) {
            throw new KeyFormatException(Code.INVALID, "X25519 public key of small order");
        }
        return secret;
    }
}
