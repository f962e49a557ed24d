package org.tutti.musig.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tutti.base.Bytes;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.SecretSlots;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class KeysTest {
    private static final String ORDER =
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    private static final String ZERO =
            "0000000000000000000000000000000000000000000000000000000000000000";
    private static final String ALICE =
            "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

    @ParameterizedTest
    @CsvSource({
        "'', WRONG_LENGTH",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036, WRONG_LENGTH",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f900, WRONG_LENGTH",
        "04f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9, NOT_ON_CURVE",
        "00f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9, NOT_ON_CURVE",
        "020000000000000000000000000000000000000000000000000000000000000005, NOT_ON_CURVE",
        "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30, NOT_ON_CURVE",
        "000000000000000000000000000000000000000000000000000000000000000000, NOT_ON_CURVE"
    })
    void whatIsNoPublicKeyIsRefused(String hex, KeyException.Code code) {
        Bytes bytes = Bytes.fromHex(hex);
        KeyException refusal =
                catchThrowableOfType(KeyException.class, () -> PublicKey.parse(bytes));
        assertThat(refusal.code()).isEqualTo(code);
    }

    @Test
    void anUncompressedKeyIsRefusedForItsLength() throws KeyException {
        Bytes compressed = Bytes.fromHex(ALICE);
        Bytes uncompressed = Bytes.concat(Bytes.fromHex("04"), compressed.slice(1, 33), compressed);
        assertThatThrownBy(() -> PublicKey.parse(uncompressed)).isInstanceOf(KeyException.class);
        assertThat(PublicKey.parse(compressed).bytes()).isEqualTo(compressed);
    }

    @ParameterizedTest
    @CsvSource({
        "'', WRONG_LENGTH",
        "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce0, WRONG_LENGTH",
        "0000000000000000000000000000000000000000000000000000000000000005, NOT_ON_CURVE",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30, NOT_ON_CURVE"
    })
    void whatIsNoXOnlyKeyIsRefused(String hex, KeyException.Code code) {
        Bytes bytes = Bytes.fromHex(hex);
        KeyException refusal =
                catchThrowableOfType(KeyException.class, () -> XOnlyPublicKey.parse(bytes));
        assertThat(refusal.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "'', WRONG_LENGTH",
        "01, WRONG_LENGTH",
        ZERO + ", SECRET_OUT_OF_RANGE",
        ORDER + ", SECRET_OUT_OF_RANGE",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff, SECRET_OUT_OF_RANGE"
    })
    void whatIsNoSecretKeyIsRefusedWithoutShowingIt(String hex, KeyException.Code code) {
        byte[] bytes = Bytes.fromHex(hex).toArray();
        KeyException refusal = catchThrowableOfType(KeyException.class, () -> SecretKey.of(bytes));
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.toString()).doesNotContain("ffffffff").doesNotContain("bfd25e8c");
    }

    @Test
    void theBadKeyOfAListIsNamed() {
        List<Bytes> keys = List.of(Bytes.fromHex(ALICE), Bytes.EMPTY);
        KeyException refusal =
                catchThrowableOfType(KeyException.class, () -> PublicKey.parseAll(keys));
        assertThat(refusal.index()).isEqualTo(1);
    }

    @Test
    void keysAreSortedByTheirEncodingAndEqualOnesStay() throws KeyException {
        PublicKey two = PublicKey.parse(Bytes.fromHex(ALICE));
        PublicKey three =
                PublicKey.parse(Bytes.concat(Bytes.fromHex("03"), two.bytes().slice(1, 33)));
        assertThat(KeySort.sort(List.of(three, two, three))).containsExactly(two, three, three);
        assertThat(two).isNotEqualTo(three);
        assertThat(two.xOnly()).isEqualTo(three.xOnly());
        assertThat(three.hasOddY()).isTrue();
        assertThat(three.xOnly().evenPublicKey()).isEqualTo(two);
    }

    @Test
    void aWipedKeyIsOfNoUse() {
        SecretKey key = SecretKey.generate(new SecureRandom());
        key.close();
        key.close();
        assertThatThrownBy(key::export).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Schnorr.sign(key, new byte[32], new byte[32]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void keysAreNeverShownAsText() {
        SecretKey key = SecretKey.generate(new SecureRandom());
        String secret = Bytes.wrap(key.export()).toHex();
        assertThat(key.toString()).contains("redacted").doesNotContainIgnoringCase(secret);
        try (ExtendedPrivateKey extended =
                ExtendedPrivateKey.fromSeed(key.export(), ExtendedKeyVersions.MAINNET)) {
            String inner = Bytes.wrap(extended.secretKey().export()).toHex();
            assertThat(extended + " " + extended.secretKey())
                    .contains("redacted")
                    .doesNotContainIgnoringCase(inner)
                    .doesNotContain(extended.exportText())
                    .doesNotContain(extended.chainCode().toHex());
        } catch (KeyException e) {
            throw new AssertionError(e);
        }
        key.close();
    }

    @Test
    void publicKeysAreNamedByTheirEncoding() throws KeyException {
        PublicKey key = PublicKey.parse(Bytes.fromHex(ALICE));
        assertThat(key).hasToString(ALICE).hasSameHashCodeAs(PublicKey.parse(key.bytes()));
        assertThat(key.hashCode()).isEqualTo(key.bytes().hashCode());
        assertThat(key.xOnly()).hasToString(ALICE.substring(2)).isNotEqualTo(key);
        assertThat(key.xOnly().hashCode()).isEqualTo(key.xOnly().bytes().hashCode());
        try (SecretKey other = SecretKey.of(scalar(7))) {
            assertThat(key.xOnly()).isNotEqualTo(other.publicKey().xOnly());
        }
    }

    @Test
    void theMemoryOfAKeyIsZeroWhenItIsClosedAndNoRefusedKeyKeepsAny() throws KeyException {
        int before = SecretKey.SLOTS.live();
        SecretKey key = SecretKey.of(scalar(5));
        MemorySegment slot = key.use(lent -> lent);
        assertThat(Scratch.get(slot, 32)).isEqualTo(scalar(5));
        key.close();
        assertThat(Scratch.get(slot, SecretSlots.SLOT_BYTES)).containsOnly(0);
        assertThatThrownBy(() -> SecretKey.of(new byte[32])).isInstanceOf(KeyException.class);
        try (SecretKey one = SecretKey.of(scalar(1))) {
            one.plus(scalar(2)).close();
        }
        assertThat(SecretKey.SLOTS.live()).isLessThanOrEqualTo(before);
    }

    @Test
    void aPrivateKeyWhereAPublicOneBelongsIsRefusedAndWiped() throws KeyException {
        int before = SecretKey.SLOTS.live();
        try (ExtendedPrivateKey key =
                ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.MAINNET)) {
            String text = key.exportText();
            assertThatThrownBy(() -> ExtendedPublicKey.parse(text))
                    .isInstanceOf(KeyException.class);
            assertThat(SecretKey.SLOTS.live()).isLessThanOrEqualTo(before + 1);
        }
    }

    @Test
    void closingAnExtendedKeyWipesItsSecret() throws KeyException {
        ExtendedPrivateKey key =
                ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.MAINNET);
        key.close();
        assertThatThrownBy(() -> key.secretKey().export())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aGeneratedKeysBytesAreWiped() {
        List<byte[]> drawn = new ArrayList<>();
        SecureRandom watched =
                new SecureRandom() {
                    @Override
                    public void nextBytes(byte[] bytes) {
                        super.nextBytes(bytes);
                        drawn.add(bytes);
                    }
                };
        SecretKey.generate(watched).close();
        assertThat(drawn).hasSize(1).allSatisfy(bytes -> assertThat(bytes).containsOnly(0));
    }

    /// Each signature is either whole and right or refused: a key is never wiped under its user.
    @Test
    void closingAKeyWhileOthersSignWithItDisturbsNoSignature() throws Exception {
        int signers = 3;
        try (ExecutorService pool = Executors.newFixedThreadPool(signers + 1)) {
            for (int round = 0; round < 100; round++) {
                SecretKey key = SecretKey.generate(new SecureRandom());
                XOnlyPublicKey publicKey = key.publicKey().xOnly();
                CyclicBarrier start = new CyclicBarrier(signers + 1);
                List<Future<Boolean>> outcomes = new ArrayList<>();
                for (int i = 0; i < signers; i++) {
                    outcomes.add(
                            pool.submit(() -> {
                                start.await();
                                return signsRightOrNotAtAll(key, publicKey);
                            }));
                }
                start.await();
                key.close();
                for (Future<Boolean> outcome : outcomes) {
                    assertThat(outcome.get()).isTrue();
                }
            }
        }
    }

    private static boolean signsRightOrNotAtAll(SecretKey key, XOnlyPublicKey publicKey) {
        byte[] message = new byte[32];
        for (int i = 0; i < 20; i++) {
            try {
                SchnorrSignature signature = Schnorr.sign(key, message, new byte[32]);
                if (!Schnorr.verify(publicKey, message, signature)) {
                    return false;
                }
            } catch (IllegalStateException e) {
                return e.getMessage() != null && e.getMessage().contains("wiped");
            }
        }
        return true;
    }

    @Test
    void tweaksThatLeadNowhereAreRefused() throws KeyException {
        try (SecretKey one = SecretKey.of(scalar(1))) {
            assertThatThrownBy(() -> one.plus(Bytes.fromHex(ORDER).toArray()))
                    .isInstanceOf(KeyException.class);
            byte[] minusOne = Bytes.fromHex(ORDER).toArray();
            minusOne[31]--;
            assertThatThrownBy(() -> one.plus(minusOne)).isInstanceOf(KeyException.class);
            assertThatThrownBy(() -> one.publicKey().plus(Bytes.wrap(minusOne)))
                    .isInstanceOf(KeyException.class);
            assertThatThrownBy(() -> one.plus(new byte[31])).isInstanceOf(KeyException.class);
            try (SecretKey three = one.plus(scalar(2))) {
                assertThat(three.publicKey().bytes()).isEqualTo(Bytes.fromHex(ALICE));
                assertThat(one.publicKey().plus(Bytes.wrap(scalar(2))))
                        .isEqualTo(three.publicKey());
            }
        }
    }

    private static byte[] scalar(int value) {
        byte[] out = new byte[32];
        out[31] = (byte) value;
        return out;
    }

    @ParameterizedTest
    @CsvSource({"m/2147483648", "m/-1", "m/x", "m//1", "m/1hh", "m/99999999999", "1/"})
    void badPathsAreRefused(String path) {
        assertThatThrownBy(() -> DerivationPath.parse(path)).isInstanceOf(KeyException.class);
    }

    @Test
    void numbersAndLengthsOfPathsHaveTheirBounds() throws KeyException {
        long last = 2 * DerivationPath.HARDENED - 1;
        assertThat(DerivationPath.of(0, last).steps()).containsExactly(0L, last);
        for (long bad : new long[] {-1, last + 1}) {
            assertThatIllegalArgumentException().isThrownBy(() -> DerivationPath.of(bad));
        }
        List<Long> longest = Collections.nCopies(DerivationPath.MAX_STEPS, 1L);
        assertThat(new DerivationPath(longest).steps()).hasSize(255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DerivationPath(Collections.nCopies(256, 1L)));
        assertThat(DerivationPath.parse("1/".repeat(254) + "1").steps()).hasSize(255);
        assertThat(DerivationPath.of(DerivationPath.HARDENED).isPublic()).isFalse();
    }

    @Test
    void aKeyHasChildrenOfTheFirstAndTheLastNumberAndNoOther() throws KeyException {
        long last = 2 * DerivationPath.HARDENED - 1;
        try (ExtendedPrivateKey master =
                        ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.MAINNET);
                ExtendedPrivateKey child = master.child(last);
                ExtendedPrivateKey parsed = ExtendedPrivateKey.parse(child.exportText())) {
            assertThat(parsed.childNumber()).isEqualTo(last);
            assertThat(child)
                    .hasToString("ExtendedPrivateKey[redacted, public " + child.publicKey() + "]");
            assertThat(child.neuter()).hasToString(child.neuter().toText());
            for (long bad : new long[] {-1, last + 1}) {
                assertThatThrownBy(() -> master.child(bad)).isInstanceOf(KeyException.class);
                assertThatIllegalArgumentException().isThrownBy(() -> numbered(child, bad));
            }
            assertThat(numbered(child, last).childNumber()).isEqualTo(last);
            assertThat(numbered(child, 0).childNumber()).isZero();
        }
    }

    private static ExtendedPublicKey numbered(ExtendedPrivateKey like, long number) {
        return new ExtendedPublicKey(
                like.versions(),
                1,
                like.parentFingerprint(),
                number,
                like.chainCode(),
                like.publicKey());
    }

    @Test
    void base58KeepsLeadingZerosAndReadsBackWhateverItWrote() throws KeyException {
        assertThat(Base58Check.encodePlain(new byte[0])).isEmpty();
        assertThat(Base58Check.encodePlain(new byte[3])).isEqualTo("111");
        assertThat(Base58Check.encodePlain(Bytes.fromHex("0000287fb4cd").toArray()))
                .isEqualTo("11233QC4");
        Random random = new Random(58);
        for (int length = 0; length < 100; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            Arrays.fill(bytes, 0, random.nextInt(length + 1), (byte) 0);
            assertThat(Base58Check.decodePlain(Base58Check.encodePlain(bytes))).isEqualTo(bytes);
            assertThat(Base58Check.decode(Base58Check.encode(bytes))).isEqualTo(bytes);
        }
        assertThatThrownBy(() -> Base58Check.decode("111"))
                .hasMessageContaining("too short for a checksum");
        assertThatThrownBy(() -> Base58Check.decode("1111"))
                .hasMessageContaining("checksum does not match");
        assertThatThrownBy(() -> Base58Check.decode("1".repeat(200)))
                .hasMessageContaining("checksum does not match");
        assertThatThrownBy(() -> Base58Check.decode("1".repeat(201))).hasMessageContaining("200");
    }

    @Test
    void pathsAreReadInEveryNotation() throws KeyException {
        assertThat(DerivationPath.parse("m/86h/1'/0H/0/7").toString()).isEqualTo("m/86h/1h/0h/0/7");
        assertThat(DerivationPath.parse("m").steps()).isEmpty();
        assertThat(DerivationPath.parse("0/1").isPublic()).isTrue();
        assertThat(DerivationPath.parse("0/1h").isPublic()).isFalse();
        assertThatThrownBy(() -> DerivationPath.parse("0/".repeat(255) + "0"))
                .isInstanceOf(KeyException.class);
    }

    @Test
    void aPublicKeyHasNoHardenedChildAndDepthEndsAt255() throws KeyException {
        try (ExtendedPrivateKey master =
                ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.TESTNET)) {
            ExtendedPublicKey key = master.neuter();
            assertThat(key.toText()).startsWith("tpub");
            assertThat(master.exportText()).startsWith("tprv");
            assertThatThrownBy(() -> key.child(DerivationPath.HARDENED))
                    .isInstanceOf(KeyException.class);
            ExtendedPublicKey deepest =
                    new ExtendedPublicKey(
                            ExtendedKeyVersions.TESTNET,
                            255,
                            Bytes.wrap(new byte[4]),
                            0,
                            key.chainCode(),
                            key.publicKey());
            assertThatThrownBy(() -> deepest.child(0)).isInstanceOf(KeyException.class);
        }
    }

    @Test
    void textThatIsNoExtendedKeyIsRefused() {
        assertThatThrownBy(() -> ExtendedKey.parse("")).isInstanceOf(KeyException.class);
        assertThatThrownBy(() -> ExtendedKey.parse("xpub0OIl")).isInstanceOf(KeyException.class);
        assertThatThrownBy(() -> ExtendedKey.parse("1".repeat(5000)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("200");
        assertThatThrownBy(() -> ExtendedPrivateKey.parse(xpub())).isInstanceOf(KeyException.class);
        assertThatThrownBy(() ->
                        ExtendedPrivateKey.fromSeed(new byte[15], ExtendedKeyVersions.MAINNET))
                .isInstanceOf(KeyException.class);
    }

    private static String xpub() throws KeyException {
        try (ExtendedPrivateKey master =
                ExtendedPrivateKey.fromSeed(new byte[32], ExtendedKeyVersions.MAINNET)) {
            return master.neuter().toText();
        }
    }

    /// The keys of 1 and of 2, whose addresses everybody knows.
    @ParameterizedTest
    @CsvSource({
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798,"
                + "751e76e8199196d454941c45d1b3a323f1433bd6",
        "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5,"
                + "06afd46bcdfd22ef94ac122aa11f241244a37ecc"
    })
    void aKeysHash160IsThatOfItsAddress(String key, String hash) {
        assertThat(Hash160.of(Bytes.fromHex(key)).toHex()).isEqualTo(hash);
    }
}
