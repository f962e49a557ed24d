package org.tutti.libp2p.internal.curve25519;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.Hostile;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

class Curve25519Test {
    private final Hostile random = new Hostile(25519);

    @Test
    void theChoiceSaysWhichLibraryItIs() {
        assertThat(Curve25519.provider()).matches("Conscrypt \\d+\\.\\d+\\.\\d+|BouncyCastle");
        assertThat(Curve25519.engine()).isSameAs(Curve25519.engine());
    }

    @Test
    void whereTheNativePartIsMissingBouncyCastleDoesTheWork() {
        assertThat(Curve25519.choose(ConscryptCurveEngine::new).name()).startsWith("Conscrypt ");
        List<Curve25519.Maker> missing =
                List.of(
                        () -> {
                            throw new UnsatisfiedLinkError("no conscrypt_openjdk_jni");
                        },
                        () -> {
                            throw new java.security.NoSuchAlgorithmException("XDH");
                        },
                        () -> {
                            throw new IllegalStateException("does not compute");
                        });
        for (Curve25519.Maker maker : missing) {
            assertThat(Curve25519.choose(maker).name()).isEqualTo("BouncyCastle");
        }
    }

    @Test
    void bothLibrariesComputeTheExamplesOfTheRfcs() throws Exception {
        for (CurveEngine engine : CurveEngineWycheproofTest.engines()) {
            Curve25519.selfTest(engine);
        }
    }

    @Test
    void bothLibrariesAgreeOnEverySecretAndEverySignature() throws Exception {
        CurveEngine conscrypt = new ConscryptCurveEngine();
        CurveEngine bouncyCastle = new BouncyCastleCurveEngine(new SecureRandom());
        for (int i = 0; i < 500; i++) {
            byte[] privateKey = random.random(32);
            byte[] publicKey =
                    i % 2 == 0
                            ? random.random(32)
                            : X25519KeyPair.of(random.random(32)).publicKey().toArray();
            assertThat(conscrypt.agree(privateKey, publicKey))
                    .isEqualTo(bouncyCastle.agree(privateKey, publicKey));

            byte[] message = random.random(i);
            byte[] signature = conscrypt.signer(privateKey).sign(message);
            assertThat(bouncyCastle.signer(privateKey).sign(message)).isEqualTo(signature);
            byte[] signer = CurveEngine.ed25519PublicKey(privateKey);
            byte[] changed = random.mutate(signature);
            boolean wellFormed = changed.length == 64;
            assertThat(conscrypt.verifier(signer).verify(message, signature)).isTrue();
            assertThat(bouncyCastle.verifier(signer).verify(message, signature)).isTrue();
            if (wellFormed) {
                assertThat(conscrypt.verifier(signer).verify(message, changed))
                        .isEqualTo(bouncyCastle.verifier(signer).verify(message, changed));
            }
        }
    }

    @Test
    void bothLibrariesMakeKeyPairsWhoseHalvesBelongTogether() throws Exception {
        for (CurveEngine engine : CurveEngineWycheproofTest.engines()) {
            for (int i = 0; i < 20; i++) {
                X25519KeyPair pair = engine.generate();
                assertThat(X25519KeyPair.of(pair.privateKey()).publicKey())
                        .isEqualTo(pair.publicKey());
            }
            assertThat(engine.generate().publicKey()).isNotEqualTo(engine.generate().publicKey());
        }
    }

    @Test
    void aPointOfSmallOrderIsRefused() {
        byte[] privateKey = random.random(32);
        for (String point :
                new String[] {
                    "0000000000000000000000000000000000000000000000000000000000000000",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
                }) {
            for (CurveEngine engine : engines()) {
                assertThatThrownBy(() -> Curve25519.agree(engine, privateKey, hex(point)))
                        .as(engine.name())
                        .isInstanceOf(InvalidKeyException.class);
            }
        }
    }

    @Test
    void aKeyOfTheWrongLengthIsRefused() {
        for (int length : new int[] {0, 31, 33, 64}) {
            assertThatThrownBy(() -> Curve25519.agree(new byte[32], new byte[length]))
                    .isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> Curve25519.agree(new byte[length], new byte[32]))
                    .isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> X25519KeyPair.of(new byte[length]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void manyThreadsGetTheSecretsThatOneWouldGet() throws Exception {
        byte[] ours = random.random(32);
        byte[][] theirs = new byte[64][];
        byte[][] alone = new byte[64][];
        for (int i = 0; i < theirs.length; i++) {
            theirs[i] = X25519KeyPair.of(random.random(32)).publicKey().toArray();
            alone[i] = Curve25519.agree(ours, theirs[i]);
        }
        try (var threads = java.util.concurrent.Executors.newFixedThreadPool(8)) {
            var tasks = new java.util.ArrayList<java.util.concurrent.Future<byte[]>>();
            for (int i = 0; i < 2048; i++) {
                byte[] other = theirs[i % 64];
                tasks.add(threads.submit(() -> Curve25519.agree(ours, other)));
            }
            for (int i = 0; i < tasks.size(); i++) {
                assertThat(tasks.get(i).get()).isEqualTo(alone[i % 64]);
            }
        }
    }

    @Test
    void aKeyPairNeverShowsItsPrivateHalf() {
        X25519KeyPair pair = Curve25519.generateX25519();
        assertThat(pair.toString())
                .contains(pair.publicKey().toHex())
                .doesNotContain(HexFormat.of().formatHex(pair.privateKey()));
        pair.wipe();
        assertThat(pair.privateKey()).isEqualTo(new byte[32]);
    }

    private static List<CurveEngine> engines() {
        try {
            return CurveEngineWycheproofTest.engines();
        } catch (Exception e) {
            throw new AssertionError("both libraries load where the tests run", e);
        }
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
