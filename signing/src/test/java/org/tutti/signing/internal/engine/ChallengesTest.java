package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Challenge;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// When a node challenges all members after new processes have answered.
class ChallengesTest {
    private static final Duration NEXT_ONE = Presence.CHALLENGE_PAUSE.minusMillis(100);

    private static void answers(OneEngine alice, int member) {
        alice.handle(new EngineInput.PeerConnected(member));
        alice.receive(
                alice.fixture
                        .owner(member)
                        .envelopeSigner()
                        .answer(0, alice.fixture.owner(0).boot(), 1));
    }

    /// The challenge to all in these outputs.
    private static Optional<Challenge> challenge(OneEngine alice, List<EngineOutput> outputs) {
        return outputs.stream()
                .filter(EngineOutput.Broadcast.class::isInstance)
                .map(output -> open(alice, ((EngineOutput.Broadcast) output).envelope()))
                .filter(Inbound.Challenged.class::isInstance)
                .map(message -> ((Inbound.Challenged) message).challenge())
                .findFirst();
    }

    private static Inbound open(OneEngine alice, Bytes envelope) {
        try {
            return new EnvelopeVerifier(GroupTable.of(alice.fixture.group), SigningLimits.DEFAULT)
                    .verify(envelope);
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whileMembersAreMissingItWaitsForMoreOfThem() {
        try (OneEngine alice = new OneEngine(new GroupFixture(6, 5), SigningLimits.DEFAULT)) {
            answers(alice, 1);
            assertThat(challenge(alice, alice.tickAfter(NEXT_ONE))).isEmpty();
            answers(alice, 2);
            assertThat(challenge(alice, alice.tickAfter(NEXT_ONE))).isEmpty();
            assertThat(challenge(alice, alice.tickAfter(Duration.ofMillis(100))))
                    .hasValueSatisfying(challenge ->
                            assertThat(challenge.seen())
                                    .extracting(Challenge.Seen::signer)
                                    .containsExactly(0, 1, 2));
        }
    }

    @Test
    void itDoesNotWaitForEver() {
        try (OneEngine alice = new OneEngine(new GroupFixture(15, 5), SigningLimits.DEFAULT)) {
            Duration waited = Duration.ZERO;
            for (int member = 1; waited.compareTo(Presence.LONGEST_PAUSE) < 0; member++) {
                answers(alice, member);
                Duration left = Presence.LONGEST_PAUSE.minus(waited);
                Duration next = left.compareTo(NEXT_ONE) < 0 ? left : NEXT_ONE;
                waited = waited.plus(next);
                assertThat(challenge(alice, alice.tickAfter(next)))
                        .matches(made -> made.isPresent() == next.equals(left));
            }
        }
    }

    @Test
    void withAllMembersThereItWaitsForNobody() {
        try (OneEngine alice = new OneEngine()) {
            answers(alice, 1);
            assertThat(challenge(alice, alice.tickAfter(NEXT_ONE))).isEmpty();
            answers(alice, 2);
            assertThat(challenge(alice, alice.tickAfter(Duration.ofMillis(100)))).isPresent();
        }
    }
}
