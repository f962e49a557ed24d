package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// What is held against whoever sends what is forged, and against nobody else.
class VerifierTest {
    private Instant now = Crafted.NOW;
    private final PeerScores scores = new PeerScores(() -> now);
    private final Verifier verifier =
            new Verifier(
                    new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT), () -> now, scores);
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final PeerId sender = new Crafted().identity.publicKey().peerId();
    private final Invitation request =
            alice.signer.request(alice.draft(bob.publicKey()), now.toEpochMilli());

    private Bytes forgedJoin() {
        byte[] bytes = bob.signer.join(request, now.toEpochMilli()).envelope().toArray();
        bytes[bytes.length - 1] ^= 1;
        return Bytes.wrap(bytes);
    }

    @Test
    void whatIsAboutSomethingElseCostsNoSignatureAndNobodysScore() throws Exception {
        Crafted stranger = new Crafted();
        Invitation other =
                alice.signer.request(alice.draft(stranger.publicKey()), now.toEpochMilli());
        byte[] bytes = stranger.signer.join(other, now.toEpochMilli()).envelope().toArray();
        bytes[bytes.length - 1] ^= 1; // Were it looked at, it would be forged.
        assertThat(
                        verifier.readAll(
                                List.of(
                                        Bytes.wrap(bytes),
                                        other.envelope(),
                                        alice.signer.join(other, now.toEpochMilli()).envelope()),
                                request,
                                sender))
                .isEmpty();
        assertThat(scores.score(sender)).isZero();
    }

    private Bytes forged(int number) {
        byte[] bytes = request.envelope().toArray();
        bytes[bytes.length - 1 - number] ^= 1; // Of the identity's signature.
        return Bytes.wrap(bytes);
    }

    @Test
    void whoSendsTenForgedStatementsIsNotListenedToUntilHalfOfItIsForgotten() {
        for (int i = 0; i < 10; i++) {
            assertThat(verifier.isBanned(sender)).isFalse();
            int number = i;
            assertThatThrownBy(() -> verifier.read(forged(number), sender))
                    .isInstanceOf(MessageException.class);
        }
        assertThat(verifier.isBanned(sender)).isTrue();
        assertThat(verifier.isBanned(alice.identity.publicKey().peerId())).isFalse();
        now = now.plus(Duration.ofHours(6));
        assertThat(verifier.isBanned(sender)).isFalse();
    }

    @Test
    void whoPassesOnWhatHasExpiredOnTheWayIsNotPunished() {
        Join join = bob.signer.join(request, now.toEpochMilli());
        now = request.header().notAfter();
        for (int i = 0; i < 50; i++) {
            assertThat(verifier.readAll(List.of(join.envelope(), join.envelope()), request, sender))
                    .isEmpty();
        }
        assertThat(scores.score(sender)).isZero();
    }

    @Test
    void aStatementThatComesAgainIsTheSameUntilItCountsNoLonger() throws Exception {
        Join join = bob.signer.join(request, now.toEpochMilli());
        assertThat(verifier.read(join.envelope(), sender))
                .isSameAs(verifier.read(join.envelope(), alice.identity.publicKey().peerId()));
        now = request.header().notAfter();
        assertThatThrownBy(() -> verifier.read(join.envelope(), sender))
                .isInstanceOfSatisfying(
                        MessageException.class,
                        e -> assertThat(e.code()).isEqualTo(MessageException.Code.EXPIRED));
    }

    @Test
    void aRequestThatComesAgainIsVerifiedOnceUnlessItIsLong() throws Exception {
        PeerId other = alice.identity.publicKey().peerId();
        assertThat(verifier.read(request.envelope(), sender))
                .isSameAs(verifier.read(request.envelope(), other));
        PublicKey[] many = new PublicKey[200];
        Arrays.setAll(many, _ -> new Crafted().publicKey());
        Invitation longer = alice.signer.request(alice.draft(many), now.toEpochMilli());
        assertThat(longer.envelope().length()).isGreaterThan(4_096);
        assertThat(verifier.read(longer.envelope(), sender))
                .isNotSameAs(verifier.read(longer.envelope(), other));
        now = request.header().notAfter();
        assertThatThrownBy(() -> verifier.read(request.envelope(), sender))
                .isInstanceOfSatisfying(
                        MessageException.class,
                        e -> assertThat(e.code()).isEqualTo(MessageException.Code.EXPIRED));
    }

    @Test
    void oneForgedAmongOthersTakesNothingFromThem() {
        Join join = bob.signer.join(request, now.toEpochMilli());
        assertThat(
                        verifier.readAll(
                                List.of(forgedJoin(), join.envelope(), Bytes.EMPTY),
                                request,
                                sender))
                .containsExactly(join);
        assertThat(scores.score(sender)).isBetween(-20.0, -19.9);
    }
}
