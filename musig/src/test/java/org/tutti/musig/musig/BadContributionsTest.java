package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.AggregationException.Code;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What mallory may send, and what comes of it.
class BadContributionsTest {
    private static final Bytes MESSAGE = MusigFixture.MESSAGE;
    private SecretKey alice;
    private SecretKey bob;
    private SecretKey mallory;
    private KeyAggContext group;
    private NoncePair alices;
    private NoncePair bobs;
    private SigningSession session;

    @BeforeEach
    void startASession() throws KeyException {
        alice = MusigFixture.key(1);
        bob = MusigFixture.key(2);
        mallory = MusigFixture.key(3);
        group = KeyAggContext.of(List.of(alice.publicKey(), bob.publicKey()));
        alices = nonceOf(alice);
        bobs = nonceOf(bob);
        session =
                SigningSession.of(
                        group, AggregateNonce.of(List.of(alices.pub(), bobs.pub())), MESSAGE);
    }

    private NoncePair nonceOf(SecretKey signer) {
        return NonceGenerator.generate(
                signer, signer.publicKey(), group, MESSAGE, Bytes.EMPTY, MusigFixture.seeded(3));
    }

    @AfterEach
    void wipe() {
        alices.secret().close();
        bobs.secret().close();
        alice.close();
        bob.close();
        mallory.close();
    }

    @Test
    void aTamperedPartialSignatureIsFoundAndThereIsNoSum() throws MusigException {
        PartialSignature good = session.sign(alices.secret(), alice);
        PartialSignature bobsPartial = session.sign(bobs.secret(), bob);
        byte[] bytes = bobsPartial.bytes().toArray();
        bytes[0] ^= 1;
        PartialSignature tampered = PartialSignature.parse(Bytes.wrap(bytes));
        assertThat(session.verify(good, alices.pub(), alice.publicKey())).isTrue();
        assertThat(session.verify(tampered, bobs.pub(), bob.publicKey())).isFalse();
        assertThat(holds(session.aggregate(List.of(good, bobsPartial)))).isTrue();
        noSum(() -> session.aggregate(List.of(good, tampered)), Code.INVALID_SUM, -1);
        List<PublicNonce> nonces = List.of(alices.pub(), bobs.pub());
        assertThat(holds(session.aggregate(List.of(good, bobsPartial), nonces))).isTrue();
        noSum(() -> session.aggregate(List.of(good, tampered), nonces), Code.INVALID_PARTIAL, 1);
    }

    @Test
    void theSumDoesNotDependOnTheOrderOfThePartials() {
        PartialSignature alicesPartial = session.sign(alices.secret(), alice);
        PartialSignature bobsPartial = session.sign(bobs.secret(), bob);
        // Addition has no order: the sum is right, and is given.
        assertThat(holds(session.aggregate(List.of(bobsPartial, alicesPartial)))).isTrue();
    }

    @Test
    void onePartialSignatureForTwoSignersIsNotASum() {
        PartialSignature partial = session.sign(alices.secret(), alice);
        List<PartialSignature> twice = List.of(partial, partial);
        noSum(() -> session.aggregate(twice), Code.REPEATED, 1);
        noSum(() -> session.aggregate(twice, List.of(alices.pub(), bobs.pub())), Code.REPEATED, 1);
    }

    @Test
    void aSumWithoutTheNonceOfASignerIsNotOne() {
        SigningSession without =
                SigningSession.of(group, AggregateNonce.of(List.of(alices.pub())), MESSAGE);
        List<PartialSignature> partials =
                List.of(without.sign(alices.secret(), alice), without.sign(bobs.secret(), bob));
        noSum(() -> without.aggregate(partials), Code.INVALID_SUM, -1);
        noSum(() -> without.aggregate(partials, List.of(alices.pub())), Code.WRONG_COUNT, -1);
        noSum(
                () -> without.aggregate(partials, List.of(alices.pub(), bobs.pub())),
                Code.NONCES_DIFFER,
                -1);
    }

    @Test
    void aTweakThatOneSignerForgotIsNotPassedOver() {
        KeyAggContext tweaked = group.withTapTweak(Optional.empty());
        AggregateNonce nonce = AggregateNonce.of(List.of(alices.pub(), bobs.pub()));
        SigningSession right = SigningSession.of(tweaked, nonce, MESSAGE);
        List<PartialSignature> partials =
                List.of(right.sign(alices.secret(), alice), session.sign(bobs.secret(), bob));
        noSum(() -> right.aggregate(partials), Code.INVALID_SUM, -1);
        noSum(
                () -> right.aggregate(partials, List.of(alices.pub(), bobs.pub())),
                Code.INVALID_PARTIAL,
                1);
        // And who forgot it for the sum gets none of those who did not.
        noSum(() -> session.aggregate(partials), Code.INVALID_SUM, -1);
    }

    @Test
    void aTweakThatAllForgotGivesNoSignatureUnderTheTweakedKey() {
        List<PartialSignature> partials =
                List.of(session.sign(alices.secret(), alice), session.sign(bobs.secret(), bob));
        SigningSession right =
                SigningSession.of(
                        group.withTapTweak(Optional.empty()),
                        AggregateNonce.of(List.of(alices.pub(), bobs.pub())),
                        MESSAGE);
        noSum(() -> right.aggregate(partials), Code.INVALID_SUM, -1);
    }

    private static void noSum(ThrowingCallable aggregation, Code code, int signer) {
        assertThatThrownBy(aggregation)
                .isInstanceOfSatisfying(
                        AggregationException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.signer()).isEqualTo(signer);
                        });
    }

    private boolean holds(SchnorrSignature signature) {
        return Schnorr.verify(group.xOnlyKey(), MESSAGE.toArray(), signature);
    }

    @Test
    void aPartialSignatureOfOneSignerIsNotTheOthers() {
        PartialSignature partial = session.sign(alices.secret(), alice);
        assertThat(session.verify(partial, bobs.pub(), bob.publicKey())).isFalse();
        assertThat(session.verify(partial, bobs.pub(), alice.publicKey())).isFalse();
        assertThat(session.verify(partial, alices.pub(), bob.publicKey())).isFalse();
    }

    @Test
    void aPartialSignatureForAnotherMessageOrTweakDoesNotHold() {
        PartialSignature partial = session.sign(alices.secret(), alice);
        AggregateNonce nonce = AggregateNonce.of(List.of(alices.pub(), bobs.pub()));
        byte[] other = MESSAGE.toArray();
        other[0] = 1;
        assertThat(
                        SigningSession.of(group, nonce, Bytes.wrap(other))
                                .verify(partial, alices.pub(), alice.publicKey()))
                .isFalse();
        assertThat(
                        SigningSession.of(group.withTapTweak(Optional.empty()), nonce, MESSAGE)
                                .verify(partial, alices.pub(), alice.publicKey()))
                .isFalse();
    }

    @Test
    void aStrangersKeyIsRefused() {
        PartialSignature partial = session.sign(alices.secret(), alice);
        assertThatThrownBy(() -> session.verify(partial, alices.pub(), mallory.publicKey()))
                .isInstanceOf(SigningRefusedException.class);
        assertThat(group.indexOf(mallory.publicKey())).isEqualTo(-1);
        assertThat(group.indexOf(bob.publicKey())).isEqualTo(1);
    }

    @Test
    void everySignerMustHaveSigned() {
        PartialSignature partial = session.sign(alices.secret(), alice);
        assertThatThrownBy(() -> session.aggregate(List.of(partial)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 partial signatures of 2 signers");
        noSum(() -> session.aggregate(List.of(partial)), Code.WRONG_COUNT, -1);
        noSum(() -> session.aggregate(List.of()), Code.WRONG_COUNT, -1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 65, 67, 66})
    void whatIsNoNonceOrPartialSignatureIsRefused(int length) {
        byte[] bytes = new byte[length];
        if (length > 0) {
            bytes[0] = 5;
        }
        Bytes junk = Bytes.wrap(bytes);
        assertThatThrownBy(() -> PublicNonce.parse(junk)).isInstanceOf(MusigException.class);
        assertThatThrownBy(() -> AggregateNonce.parse(junk)).isInstanceOf(MusigException.class);
        assertThatThrownBy(() -> PartialSignature.parse(junk)).isInstanceOf(MusigException.class);
    }

    @Test
    void aNonceAtInfinityIsNobodysButMayBeTheSum() throws MusigException {
        Bytes infinity = Bytes.wrap(new byte[66]);
        assertThatThrownBy(() -> PublicNonce.parse(infinity)).isInstanceOf(MusigException.class);
        assertThat(AggregateNonce.parse(infinity).bytes()).isEqualTo(infinity);
        SigningSession odd = SigningSession.of(group, AggregateNonce.parse(infinity), MESSAGE);
        PartialSignature partial = odd.sign(alices.secret(), alice);
        assertThat(odd.verify(partial, alices.pub(), alice.publicKey())).isTrue();
    }

    @Test
    void theSignerOfTheBadContributionIsNamed() {
        MusigException nonce =
                catchThrowableOfType(
                        MusigException.class,
                        () -> PublicNonce.parseAll(List.of(alices.pub().bytes(), Bytes.EMPTY)));
        assertThat(nonce.signer()).isEqualTo(1);
        assertThat(nonce.code()).isEqualTo(MusigException.Code.WRONG_LENGTH);
        Bytes tooLarge = Bytes.fromHex("ff".repeat(32));
        MusigException partial =
                catchThrowableOfType(
                        MusigException.class, () -> PartialSignature.parseAll(List.of(tooLarge)));
        assertThat(partial.signer()).isZero();
        assertThat(partial.code()).isEqualTo(MusigException.Code.MALFORMED);
        assertThat(partial.contribution()).isEqualTo(MusigException.Contribution.PARTIAL_SIGNATURE);
    }

    @Test
    void noncesAreAddedUpWithinTheBound() {
        assertThatThrownBy(() -> AggregateNonce.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        List<PublicNonce> tooMany = new ArrayList<>();
        for (int i = 0; i <= KeyAggContext.MAX_KEYS; i++) {
            tooMany.add(alices.pub());
        }
        assertThatThrownBy(() -> AggregateNonce.of(tooMany))
                .isInstanceOf(IllegalArgumentException.class);
        tooMany.removeLast();
        assertThat(AggregateNonce.of(tooMany).bytes().length()).isEqualTo(66);
    }

    @Test
    void messagesAndTweaksHave32Bytes() {
        Bytes short31 = Bytes.wrap(new byte[31]);
        AggregateNonce nonce = AggregateNonce.of(List.of(alices.pub()));
        assertThatThrownBy(() -> SigningSession.of(group, nonce, short31))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.withPlainTweak(short31))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.withXOnlyTweak(Bytes.fromHex("ff".repeat(32))))
                .isInstanceOf(InvalidTweakException.class);
        assertThatThrownBy(() ->
                        NonceGenerator.generate(
                                alice,
                                alice.publicKey(),
                                group,
                                short31,
                                Bytes.EMPTY,
                                MusigFixture.seeded(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Schnorr.sign(alice, new byte[32], new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SchnorrSignature(short31))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void equalKeysAggregateAsBip327Says() throws KeyException {
        KeyAggContext twice =
                KeyAggContext.of(List.of(alice.publicKey(), alice.publicKey(), bob.publicKey()));
        assertThat(twice.indexOf(alice.publicKey())).isZero();
        assertThat(twice.aggregateKey()).isNotEqualTo(group.aggregateKey());
    }

    @Test
    void theOrderOfKeysMatters() {
        KeyAggContext reversed = KeyAggContext.of(List.of(bob.publicKey(), alice.publicKey()));
        assertThat(reversed.aggregateKey()).isNotEqualTo(group.aggregateKey());
    }
}
