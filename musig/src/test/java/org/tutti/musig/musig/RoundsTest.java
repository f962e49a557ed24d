package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/// [FirstRound] and [SecondRound] among alice (0), bob (1) and carol (2).
class RoundsTest {
    private static final Bytes MESSAGE = Bytes.fromHex("5a".repeat(32));

    private final SecureRandom random = MusigFixture.seeded(7);
    private List<SecretKey> secrets = List.of();
    private KeyAggContext context;

    @BeforeEach
    void keys() throws Exception {
        secrets = List.of(MusigFixture.key(11), MusigFixture.key(12), MusigFixture.key(13));
        context = context(secrets).withTapTweak(Optional.empty());
    }

    @AfterEach
    void wipe() {
        secrets.forEach(SecretKey::close);
    }

    private static KeyAggContext context(List<SecretKey> secrets) {
        List<PublicKey> keys = secrets.stream().map(SecretKey::publicKey).toList();
        return KeyAggContext.of(keys);
    }

    private FirstRound begin(int signer) {
        return begin(context, signer);
    }

    private FirstRound begin(KeyAggContext group, int signer) {
        return FirstRound.begin(group, MESSAGE, signer, secrets.get(signer), Bytes.EMPTY, random);
    }

    private List<FirstRound> allWithAllNonces() throws MusigException {
        List<FirstRound> rounds = List.of(begin(0), begin(1), begin(2));
        exchange(rounds);
        return rounds;
    }

    private static void exchange(List<FirstRound> rounds) throws MusigException {
        for (FirstRound to : rounds) {
            for (int from = 0; from < rounds.size(); from++) {
                to.receive(from, rounds.get(from).publicNonce());
            }
        }
    }

    private List<SecondRound> allSigned() throws MusigException {
        List<FirstRound> first = allWithAllNonces();
        return List.of(
                first.get(0).finish(secrets.get(0)),
                first.get(1).finish(secrets.get(1)),
                first.get(2).finish(secrets.get(2)));
    }

    @Test
    void contributionsThatComeInAnyOrderEndInOneVerifiedSignature() throws Exception {
        List<SecondRound> second = allSigned();
        SecondRound alice = second.get(0);
        assertThat(alice.holdouts()).containsExactly(1, 2);
        alice.receive(2, second.get(2).partialSignature());
        assertThat(alice.holdouts()).containsExactly(1);
        alice.receive(1, second.get(1).partialSignature());
        assertThat(alice.holdouts()).isEmpty();
        SchnorrSignature signature = alice.finish();
        assertThat(Schnorr.verify(context.xOnlyKey(), MESSAGE.toArray(), signature)).isTrue();
    }

    @Test
    void whoeverIsMissingIsNamedAndNothingIsSignedBefore() throws Exception {
        try (FirstRound alice = begin(0)) {
            assertThat(alice.holdouts()).containsExactly(1, 2);
            assertThatThrownBy(() -> alice.finish(secrets.get(0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("[1, 2]");
            // Asking too early consumed nothing.
            FirstRound bob = begin(1);
            FirstRound carol = begin(2);
            exchange(List.of(alice, bob, carol));
            assertThat(alice.finish(secrets.get(0)).holdouts()).containsExactly(1, 2);
        }
    }

    @Test
    void aSignatureIsNotGivenWhilePartialsAreMissing() throws Exception {
        SecondRound alice = allSigned().getFirst();
        assertThatThrownBy(alice::finish)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[1, 2]");
    }

    @Test
    void aRoundSignsOnce() throws Exception {
        FirstRound alice = allWithAllNonces().getFirst();
        alice.finish(secrets.get(0));
        assertThatThrownBy(() -> alice.finish(secrets.get(0)))
                .isInstanceOf(NonceReusedException.class);
    }

    @Test
    void aClosedRoundSignsNothing() throws Exception {
        FirstRound alice = allWithAllNonces().getFirst();
        alice.close();
        assertThatThrownBy(() -> alice.finish(secrets.get(0)))
                .isInstanceOf(NonceReusedException.class);
    }

    @Test
    void aSecondNonceOfOneSignerIsRefusedAndTheSameOneIsNot() throws Exception {
        FirstRound alice = begin(0);
        FirstRound bob = begin(1);
        alice.receive(1, bob.publicNonce());
        alice.receive(1, PublicNonce.parse(bob.publicNonce().bytes()));
        assertRefused(() -> alice.receive(1, begin(1).publicNonce()), Code.CONFLICTING, 1);
        assertRefused(() -> alice.receive(0, bob.publicNonce()), Code.CONFLICTING, 0);
    }

    @Test
    void thePartialOfOneSignerDoesNotFillTheSlotOfAnother() throws Exception {
        List<SecondRound> second = allSigned();
        SecondRound alice = second.get(0);
        PartialSignature bobs = second.get(1).partialSignature();
        alice.receive(1, bobs);
        alice.receive(1, bobs);
        assertRefused(() -> alice.receive(2, bobs), Code.INVALID, 2);
        assertRefused(
                () -> alice.receive(1, second.get(2).partialSignature()), Code.CONFLICTING, 1);
        assertThat(alice.holdouts()).containsExactly(2);
    }

    @Test
    void whoForgetsTheTweakIsNamed() throws Exception {
        FirstRound alice = begin(0);
        FirstRound bob = begin(context(secrets), 1);
        FirstRound carol = begin(2);
        exchange(List.of(alice, bob, carol));
        SecondRound second = alice.finish(secrets.get(0));
        PartialSignature untweaked = bob.finish(secrets.get(1)).partialSignature();
        assertRefused(() -> second.receive(1, untweaked), Code.INVALID, 1);
    }

    @Test
    void equalKeysAreToldApartByTheirPlace() throws Exception {
        secrets = List.of(secrets.get(0), secrets.get(1), secrets.get(1));
        context = context(secrets);
        List<SecondRound> second = allSigned();
        second.get(0).receive(1, second.get(1).partialSignature());
        second.get(0).receive(2, second.get(2).partialSignature());
        assertThat(Schnorr.verify(context.xOnlyKey(), MESSAGE.toArray(), second.get(0).finish()))
                .isTrue();
    }

    @Test
    void aRoundIsNamedByItsGroupAndHowManyNoncesItHas() throws Exception {
        FirstRound alice = begin(0);
        assertThat(alice).hasToString("FirstRound[" + context + ", nonces of 1]");
        alice.receive(1, begin(1).publicNonce());
        assertThat(alice).hasToString("FirstRound[" + context + ", nonces of 2]");
    }

    @Test
    void aKeyAtAnotherPlaceIsRefused() {
        assertThatThrownBy(() ->
                        FirstRound.begin(context, MESSAGE, 1, secrets.get(0), Bytes.EMPTY, random))
                .isInstanceOf(SigningRefusedException.class);
        assertThatThrownBy(() ->
                        FirstRound.begin(context, MESSAGE, 3, secrets.get(0), Bytes.EMPTY, random))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Code code, int signer) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MusigException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.signer()).isEqualTo(signer);
                        });
    }
}
