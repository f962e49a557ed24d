package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.SecretSlots;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Rules 1, 4, 5 and 18 of docs/signing-safety.md.
class NonceSafetyTest {
    private static final Bytes MESSAGE = MusigFixture.MESSAGE;
    private final SecureRandom random = MusigFixture.seeded(7);
    private SecretKey alice;
    private SecretKey bob;
    private SecretKey mallory;
    private KeyAggContext group;

    @BeforeEach
    void makeKeys() throws KeyException {
        alice = MusigFixture.key(1001);
        bob = MusigFixture.key(1002);
        mallory = MusigFixture.key(1003);
        group = KeyAggContext.of(List.of(alice.publicKey(), bob.publicKey()));
    }

    @AfterEach
    void wipeKeys() {
        alice.close();
        bob.close();
        mallory.close();
    }

    private NoncePair nonceOf(SecretKey signer) {
        return NonceGenerator.generate(
                signer, signer.publicKey(), group, MESSAGE, Bytes.EMPTY, random);
    }

    private SigningSession session(NoncePair... pairs) {
        List<PublicNonce> nonces = new ArrayList<>();
        for (NoncePair pair : pairs) {
            nonces.add(pair.pub());
        }
        return SigningSession.of(group, AggregateNonce.of(nonces), MESSAGE);
    }

    @Test
    void aNonceSignsOnce() {
        NoncePair pair = nonceOf(alice);
        SigningSession session = session(pair, nonceOf(bob));
        session.sign(pair.secret(), alice);
        assertThat(pair.secret().isSpent()).isTrue();
        assertThatThrownBy(() -> session.sign(pair.secret(), alice))
                .isInstanceOf(NonceReusedException.class);
    }

    @Test
    void aClosedNonceDoesNotSign() {
        NoncePair pair = nonceOf(alice);
        SigningSession session = session(pair, nonceOf(bob));
        pair.secret().close();
        pair.secret().close();
        assertThatThrownBy(() -> session.sign(pair.secret(), alice))
                .isInstanceOf(NonceReusedException.class);
    }

    @Test
    void theMemoryOfANonceIsZeroAfterSigningAndAfterClosing() throws KeyException {
        NativeState.Watched signs = watched();
        assertThat(isZero(signs.slot())).isFalse();
        session(nonceOf(alice), nonceOf(bob)).sign(signs.nonce(), alice);
        assertThat(isZero(signs.slot())).isTrue();
        NativeState.Watched closes = watched();
        assertThat(isZero(closes.slot())).isFalse();
        closes.nonce().close();
        assertThat(isZero(closes.slot())).isTrue();
        NativeState.Watched refused = watched();
        SigningSession session = session(nonceOf(alice), nonceOf(bob));
        assertThatThrownBy(() -> session.sign(refused.nonce(), bob))
                .isInstanceOf(SigningRefusedException.class);
        assertThat(isZero(refused.slot())).isTrue();
    }

    private NativeState.Watched watched() throws KeyException {
        return NativeState.watched(
                Bytes.concat(
                        Bytes.wrap(MusigFixture.key(77).export()),
                        Bytes.wrap(MusigFixture.key(78).export()),
                        alice.publicKey().bytes()));
    }

    private static boolean isZero(MemorySegment slot) {
        return Bytes.wrap(Scratch.get(slot, SecretSlots.SLOT_BYTES))
                .equals(Bytes.wrap(new byte[SecretSlots.SLOT_BYTES]));
    }

    @Test
    void aNonceDoesNotSignForAnotherKeyAndIsGoneAfterTheAttempt() {
        NoncePair pair = nonceOf(alice);
        SigningSession session = session(pair, nonceOf(bob));
        assertThatThrownBy(() -> session.sign(pair.secret(), bob))
                .isInstanceOfSatisfying(
                        SigningRefusedException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(
                                                SigningRefusedException.Code
                                                        .NONCE_FOR_ANOTHER_KEY));
        assertThatThrownBy(() -> session.sign(pair.secret(), alice))
                .isInstanceOf(NonceReusedException.class);
    }

    @Test
    void aKeyOutsideTheGroupGetsNoNonceAndNoSignature() {
        assertThatThrownBy(() -> nonceOf(mallory)).isInstanceOf(SigningRefusedException.class);
        KeyAggContext mallorys = KeyAggContext.of(List.of(alice.publicKey(), mallory.publicKey()));
        NoncePair pair =
                NonceGenerator.generate(
                        mallory, mallory.publicKey(), mallorys, MESSAGE, Bytes.EMPTY, random);
        SigningSession session = session(pair, nonceOf(bob));
        assertThatThrownBy(() -> session.sign(pair.secret(), mallory))
                .isInstanceOfSatisfying(
                        SigningRefusedException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(SigningRefusedException.Code.KEY_NOT_IN_GROUP));
        assertThat(pair.secret().isSpent()).isTrue();
    }

    @Test
    void aPublicKeyThatIsNotTheSecretKeysGetsNoNonce() {
        assertThatThrownBy(() ->
                        NonceGenerator.generate(
                                alice, bob.publicKey(), group, MESSAGE, Bytes.EMPTY, random))
                .isInstanceOf(SigningRefusedException.class);
    }

    @Test
    void ofManyThreadsThatSignWithOneNonceExactlyOneSucceeds() throws Exception {
        int threads = 8;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 200; round++) {
                NoncePair pair = nonceOf(alice);
                SigningSession session = session(pair, nonceOf(bob));
                CyclicBarrier start = new CyclicBarrier(threads);
                Callable<Boolean> attempt =
                        () -> {
                            start.await();
                            return signs(session, pair.secret());
                        };
                List<Future<Boolean>> outcomes = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    outcomes.add(pool.submit(attempt));
                }
                int signatures = 0;
                for (Future<Boolean> outcome : outcomes) {
                    signatures += outcome.get() ? 1 : 0;
                }
                assertThat(signatures).isEqualTo(1);
            }
        }
    }

    private boolean signs(SigningSession session, SecretNonce nonce) {
        try {
            session.sign(nonce, alice);
            return true;
        } catch (NonceReusedException e) {
            return false;
        }
    }

    @Test
    void closingWhileSigningEitherSignsOrSaysThatTheNonceIsGone() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 500; round++) {
                NoncePair pair = nonceOf(alice);
                NoncePair bobs = nonceOf(bob);
                SigningSession session = session(pair, bobs);
                CyclicBarrier start = new CyclicBarrier(2);
                Future<Boolean> signed =
                        pool.submit(() -> {
                            start.await();
                            return signs(session, pair.secret());
                        });
                pool.submit(
                                () -> {
                                    start.await();
                                    pair.secret().close();
                                    return true;
                                })
                        .get();
                signed.get();
                assertThat(pair.secret().isSpent()).isTrue();
            }
        }
    }

    @Test
    void equalInputsNeverGiveEqualNonces() {
        Set<PublicNonce> seen = new HashSet<>();
        SecureRandom system = new SecureRandom();
        for (int i = 0; i < 50; i++) {
            try (SecretNonce secret =
                    hold(
                            NonceGenerator.generate(
                                    alice, alice.publicKey(), group, MESSAGE, Bytes.EMPTY, system),
                            seen)) {
                assertThat(secret.isSpent()).isFalse();
            }
        }
        assertThat(seen).hasSize(50);
    }

    private static SecretNonce hold(NoncePair pair, Set<PublicNonce> seen) {
        seen.add(pair.pub());
        return pair.secret();
    }

    @Test
    void everyHedgeChangesTheNonceEvenIfTheRandomnessRepeats() throws KeyException {
        KeyAggContext other = KeyAggContext.of(List.of(bob.publicKey(), alice.publicKey()));
        Bytes otherMessage = Bytes.wrap(MusigFixture.key(5).export());
        Set<PublicNonce> seen = new HashSet<>();
        seen.add(stuck(alice, group, MESSAGE, Bytes.EMPTY));
        seen.add(stuck(bob, group, MESSAGE, Bytes.EMPTY));
        seen.add(stuck(alice, other, MESSAGE, Bytes.EMPTY));
        seen.add(stuck(alice, group, otherMessage, Bytes.EMPTY));
        seen.add(stuck(alice, group, MESSAGE, MESSAGE));
        seen.add(stuck(alice, group, MESSAGE, Bytes.fromHex("00")));
        seen.add(stuck(alice, group, MESSAGE, Bytes.fromHex("0000")));
        assertThat(seen).hasSize(7);
    }

    private static PublicNonce stuck(
            SecretKey key, KeyAggContext context, Bytes message, Bytes extra) {
        NoncePair pair =
                NonceGenerator.generate(
                        key, key.publicKey(), context, message, extra, MusigFixture.seeded(1));
        pair.secret().close();
        return pair.pub();
    }

    @Test
    void randomnessOfAllZerosIsRefused() {
        SecureRandom broken =
                new SecureRandom() {
                    @Override
                    public void nextBytes(byte[] bytes) {}
                };
        int before = SecretNonce.SLOTS.live();
        assertThatThrownBy(() ->
                        NonceGenerator.generate(
                                alice, alice.publicKey(), group, MESSAGE, Bytes.EMPTY, broken))
                .isInstanceOf(NativeLibraryException.class);
        assertThat(SecretNonce.SLOTS.live()).isLessThanOrEqualTo(before);
    }

    /// 32 bytes are taken as they are, so that whoever passes a hash knows what is hashed.
    @Test
    void extraInputOf32BytesIsNotHashedAgain() {
        Bytes hashed = TaggedHash.of("tutti/nonce-extra", MESSAGE);
        assertThat(stuck(alice, group, MESSAGE, MESSAGE))
                .isNotEqualTo(stuck(alice, group, MESSAGE, hashed));
        Bytes shorter = Bytes.fromHex("00");
        assertThat(stuck(alice, group, MESSAGE, shorter))
                .isEqualTo(
                        stuck(alice, group, MESSAGE, TaggedHash.of("tutti/nonce-extra", shorter)));
    }

    @Test
    void whatIsPublicIsNamedAndHashedByItsBytes() {
        NoncePair pair = nonceOf(alice);
        AggregateNonce sum = AggregateNonce.of(List.of(pair.pub()));
        SigningSession session = session(pair, nonceOf(bob));
        assertThat(session).hasToString("SigningSession[" + group + "]");
        assertThat(group)
                .hasToString("KeyAggContext[2 keys, aggregate " + group.aggregateKey() + "]");
        assertThat(pair.secret())
                .hasToString("SecretNonce[redacted, for " + alice.publicKey() + "]");
        PartialSignature partial = session.sign(pair.secret(), alice);
        assertThat(partial).hasToString(partial.bytes().toHex());
        assertThat(partial.hashCode()).isEqualTo(partial.bytes().hashCode());
        assertThat(pair.pub()).hasToString(pair.pub().bytes().toHex());
        assertThat(pair.pub().hashCode()).isEqualTo(pair.pub().bytes().hashCode());
        assertThat(sum).hasToString(sum.bytes().toHex());
        assertThat(sum.hashCode()).isEqualTo(sum.bytes().hashCode());
    }

    @Test
    void secretsNeverShowInText() throws KeyException {
        NoncePair pair = nonceOf(alice);
        SigningSession session = session(pair, nonceOf(bob));
        NativeState.Watched watched = watched();
        String scalars = NativeState.scalars(watched.slot()).toHex();
        String all = pair + " " + watched.nonce() + " " + alice + " " + session + " " + group;
        assertThat(all).contains("redacted");
        assertHides(all, scalars);
        assertThatThrownBy(() -> session.sign(watched.nonce(), bob))
                .satisfies(e -> assertHides(e.toString(), scalars));
        assertThatThrownBy(() -> session.sign(watched.nonce(), alice))
                .satisfies(e -> assertHides(e.toString(), scalars));
    }

    private void assertHides(String text, String scalars) {
        assertThat(text)
                .doesNotContainIgnoringCase(scalars.substring(0, 64))
                .doesNotContainIgnoringCase(scalars.substring(64))
                .doesNotContainIgnoringCase(Bytes.wrap(alice.export()).toHex());
    }
}
