package org.tutti.libp2p.internal.curve25519;

import org.tutti.base.Bytes;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;

/// X25519 and Ed25519 by the fastest library that works on this machine: Conscrypt where its native
/// part loads, BouncyCastle's low-level classes where it does not. The JDK's own are 4 to 37 times
/// slower (measured on JDK 25), and that is most of what a connection costs.
///
/// Chosen once, when this class is first used, and the same from then on.
public final class Curve25519 {
    private static final CurveEngine ENGINE = choose(ConscryptCurveEngine::new);

    private Curve25519() {}

    /// Which library does the work, such as `Conscrypt 2.9.0`.
    public static String provider() {
        return ENGINE.name();
    }

    public static CurveEngine engine() {
        return ENGINE;
    }

    /// Makes an engine whose native part may be missing.
    interface Maker {
        CurveEngine make() throws GeneralSecurityException;
    }

    static CurveEngine choose(Maker preferred) {
        try {
            CurveEngine engine = preferred.make();
            selfTest(engine);
            return engine;
        } catch (GeneralSecurityException | LinkageError | RuntimeException e) {
            return new BouncyCastleCurveEngine(new SecureRandom());
        }
    }

    /// One agreement and one signature against the examples of the RFCs, so that a native library
    /// that loads but does not work is found out here and not in the first connection.
    static void selfTest(CurveEngine engine) throws InvalidKeyException {
        // RFC 7748 section 5.2, first example.
        Bytes secret =
                Bytes.wrap(
                        engine.agree(
                                hex(
                                        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                                hex(
                                        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")));
        // RFC 8032 section 7.1, test 1: the empty message.
        byte[] seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        Bytes signature = Bytes.wrap(engine.signer(seed).sign(new byte[0]));
        boolean right =
                secret.equals(
                                Bytes.fromHex(
                                        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
                        && signature.equals(
                                Bytes.fromHex(
                                        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"))
                        && engine.verifier(CurveEngine.ed25519PublicKey(seed))
                                .verify(new byte[0], signature.toArray());
        if (!right) {
            throw new IllegalStateException(engine.name() + " does not compute what the RFCs say");
        }
    }

    private static byte[] hex(String hex) {
        return Bytes.fromHex(hex).toArray();
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
    /// @throws InvalidKeyException if a length is wrong, or the result is all zeros: the other side
    ///   sent a point of small order, and the secret would not depend on our key (RFC 7748 section
    ///   6.1)
    public static byte[] agree(byte[] privateKey, byte[] publicKey) throws InvalidKeyException {
        return agree(ENGINE, privateKey, publicKey);
    }

    public static byte[] agree(CurveEngine engine, byte[] privateKey, byte[] publicKey)
            throws InvalidKeyException {
        if (privateKey.length != X25519KeyPair.LENGTH || publicKey.length != X25519KeyPair.LENGTH) {
            throw new InvalidKeyException("X25519 keys have 32 bytes");
        }
        byte[] secret = engine.agree(privateKey, publicKey);
        byte all = 0;
        for (byte b : secret) {
            all |= b;
        }
        if (all == 0) {
            throw new InvalidKeyException("X25519 public key of small order");
        }
        return secret;
    }
}
