package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Invalid input is dropped and counted, or refused with a code, and does no harm.
class BadInputTest extends GroupWithMallory {
    private static final Duration LIFETIME = Duration.ofMinutes(10);

    BadInputTest() {
        super(7);
    }

    private Contribution ready(SessionId id, int attempt, int signer) {
        return sim.contribution(
                id,
                attempt,
                signer,
                new Contribution.Ready(
                        new KeyAttestation(1, 2, Bytes.wrap(new byte[64])), TestJournals.NO_ENTRY));
    }

    private SessionId someId() {
        return new SessionId(sim.random32());
    }

    private void receives(SimNode node, Inbound message) {
        node.handle(new EngineInput.Received(message));
    }

    private long dropped(SimNode at, SimNode from, DropReason reason) {
        return at.engine().dropped(from.member, reason);
    }

    // --- frames and envelopes

    @Test
    void messagesOfStrangersAreRefused() {
        PrivateKey stranger = Keys.generate(KeyType.ED25519, sim.secureRandom);
        assertThat(rejected(ForgedEnvelopes.seal(stranger, ready(someId(), 1, 0))))
                .isEqualTo(DropReason.UNKNOWN_SIGNER);
    }

    @Test
    void memberCannotSignInTheNameOfAnother() {
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity, ready(someId(), 1, alice.index()))))
                .isEqualTo(DropReason.WRONG_INDEX);
        SigningRequest forged = sim.request(alice, 1, LIFETIME);
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity,
                                        "/tutti/sign/2/request",
                                        forged.payload())))
                .isEqualTo(DropReason.WRONG_INDEX);
    }

    @Test
    void everyFlippedBitOfAnEnvelopeIsNoticed() {
        byte[] good =
                ForgedEnvelopes.seal(mallory.identity, ready(someId(), 1, mallory.index()))
                        .toArray();
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            assertThatThrownBy(() -> sim.envelopeVerifier.verify(Bytes.wrap(bad)))
                    .isInstanceOf(WireException.class);
        }
    }

    @Test
    void truncatedEnvelopeIsRefused() {
        Bytes good = ForgedEnvelopes.seal(mallory.identity, ready(someId(), 1, mallory.index()));
        for (int i = 0; i < good.length(); i++) {
            Bytes cut = good.slice(0, i);
            assertThatThrownBy(() -> sim.envelopeVerifier.verify(cut))
                    .isInstanceOf(WireException.class);
        }
    }

    @Test
    void frameAboveTheLimitIsRefusedUnread() {
        assertThat(rejected(Bytes.wrap(new byte[sim.limits.frameBytes() + 1])))
                .isEqualTo(DropReason.OVERSIZE);
    }

    @Test
    void contentOfAnotherPayloadTypeIsMalformed() {
        Contribution c = ready(someId(), 1, mallory.index());
        Bytes payload = ContributionCodec.encode(c);
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity, "/tutti/sign/2/nonces", payload)))
                .isEqualTo(DropReason.MALFORMED);
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity,
                                        "/tutti/sign/2/ready",
                                        Bytes.of(new byte[] {1, 2}))))
                .isEqualTo(DropReason.MALFORMED);
    }

    @Test
    void otherVersionIsRefused() {
        Bytes versionOne = Bytes.of(new byte[] {8, 1});
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity, "/tutti/sign/2/ready", versionOne)))
                .isEqualTo(DropReason.WRONG_VERSION);
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity, "/tutti/sign/2/request", versionOne)))
                .isEqualTo(DropReason.WRONG_VERSION);
    }

    @Test
    void signersThatDoNotExistCannotBeBlamedOrRequested() {
        Contribution abort =
                sim.contribution(
                        someId(),
                        1,
                        mallory.index(),
                        new Contribution.Abort("X", List.of(3), "no such signer"));
        assertThat(rejected(ForgedEnvelopes.seal(mallory.identity, abort)))
                .isEqualTo(DropReason.MALFORMED);
        Contribution want =
                sim.contribution(
                        someId(),
                        1,
                        mallory.index(),
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of(0, 0, 0, 0)));
        assertThat(rejected(ForgedEnvelopes.seal(mallory.identity, want)))
                .isEqualTo(DropReason.MALFORMED);
    }

    @Test
    void numberAndSizeOfProofsInAnAbortAreBounded() {
        Bytes large = Bytes.wrap(new byte[EnvelopeVerifier.MAX_PROOF_BYTES + 1]);
        Bytes small = Bytes.wrap(new byte[1]);
        for (List<Bytes> proof : List.of(List.of(large), List.of(small, small, small))) {
            Contribution abort =
                    sim.contribution(
                            someId(),
                            1,
                            mallory.index(),
                            new Contribution.Abort("X", List.of(), "a proof too large", proof));
            assertThat(rejected(ForgedEnvelopes.seal(mallory.identity, abort)))
                    .isEqualTo(DropReason.MALFORMED);
        }
    }

    @Test
    void textOfOthersReachesTerminalsWithoutControlCharacters() throws WireException {
        Contribution refuse =
                sim.contribution(
                        someId(),
                        1,
                        mallory.index(),
                        new Contribution.Refuse("C", "a\u001b[31m\nb\u202e"));
        Inbound in = sim.envelopeVerifier.verify(ForgedEnvelopes.seal(mallory.identity, refuse));
        Contribution.Body body = ((Inbound.Statement) in).contribution().body();
        assertThat(((Contribution.Refuse) body).reason()).isEqualTo("a\\x{1b}[31m\\x{a}b\\x{202e}");
    }

    // --- requests

    @Test
    void requestForAnotherEpochIsRefusedWithItsCode() {
        SigningRequest r =
                GroupFixture.requestOf(
                        sim.otherEpoch(1),
                        mallory.member.peerId(),
                        sim.random32(),
                        sim.now,
                        sim.now.plus(LIFETIME),
                        List.of(new MessageToSign(sim.random32(), KeyTweak.none())),
                        "test",
                        Bytes.EMPTY);
        receives(alice, mallory.envelopeSigner().sign(r));
        assertThat(dropped(alice, mallory, DropReason.WRONG_GROUP)).isEqualTo(1);
        assertThat(alice.engine().liveSessions()).isEmpty();
    }

    @Test
    void requestThatIsExpiredOrValidForTooLongOrFromTheFutureOpensNoSession() {
        SigningRequest old = sim.request(mallory, 1, LIFETIME);
        SigningRequest forEver =
                sim.request(mallory, 1, sim.limits.requests().lifetime().plusSeconds(1));
        sim.now = sim.now.plus(LIFETIME);
        receives(alice, mallory.envelopeSigner().sign(old));
        receives(alice, mallory.envelopeSigner().sign(forEver));
        sim.now = sim.now.plus(Duration.ofHours(1));
        SigningRequest future = sim.request(mallory, 1, LIFETIME);
        sim.now = sim.now.minus(Duration.ofHours(1));
        receives(alice, mallory.envelopeSigner().sign(future));
        assertThat(dropped(alice, mallory, DropReason.EXPIRED)).isEqualTo(3);
        assertThat(alice.engine().liveSessions()).isEmpty();
    }

    @Test
    void requestWithTooManyOrNoMessagesIsMalformed() {
        for (int count : new int[] {0, sim.limits.requests().messages() + 1}) {
            SigningRequest r = sim.request(mallory, count, LIFETIME);
            assertThat(rejected(mallory.envelopeSigner().sign(r).envelope()))
                    .isEqualTo(DropReason.MALFORMED);
        }
    }

    @Test
    void oneRequesterCannotUseUpAllSessions() {
        for (int i = 0; i < sim.limits.live().sessionsPerRequester(); i++) {
            receives(alice, mallory.envelopeSigner().sign(sim.request(mallory, 1, LIFETIME)));
        }
        assertThat(alice.engine().liveSessions()).hasSize(sim.limits.live().sessionsPerRequester());
        receives(alice, mallory.envelopeSigner().sign(sim.request(mallory, 1, LIFETIME)));
        assertThat(dropped(alice, mallory, DropReason.TOO_MANY_SESSIONS)).isEqualTo(1);
        receives(alice, bob.envelopeSigner().sign(sim.request(bob, 1, LIFETIME)));
        assertThat(alice.engine().liveSessions())
                .hasSize(sim.limits.live().sessionsPerRequester() + 1);
    }

    @Test
    void requestWhoseMessagesDifferFromItsContextIsRefused() {
        bob.approval =
                _ ->
                        new Decision.Approved(
                                List.of(new MessageToSign(sim.random32(), KeyTweak.none())));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        assertThat(sim.outcome(0, id))
                .get()
                .isInstanceOfSatisfying(
                        SessionOutcome.Refused.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo("MESSAGES_DIFFER");
                            assertThat(refused.by()).isEqualTo(bob.member);
                        });
        assertThat(sim.watch.generated()).isZero();
    }

    @Test
    void refusalEndsTheSessionEverywhereWithItsReasonAndNoNonceIsMade() {
        bob.approval = _ -> new Decision.Refused("AMOUNT_ABOVE_LIMIT", "at most 1000 sat");
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        for (SimNode node : sim.nodes) {
            assertThat(node.outcomes.get(id))
                    .isEqualTo(
                            new SessionOutcome.Refused(
                                    id,
                                    bob.member,
                                    "AMOUNT_ABOVE_LIMIT",
                                    "at most 1000 sat",
                                    false));
        }
        assertThat(sim.watch.generated()).isZero();
    }

    @Test
    void approvalWithoutDecisionIsARefusalAtTheDeadline() {
        bob.approval = _ -> null;
        SessionId id = sim.ask(alice, 1);
        sim.run();
        assertThat(bob.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("APPROVAL_TIMEOUT"));
    }

    // --- statements

    @Test
    void readyBeforeTheRequestIsKeptUntilTheRequestArrives() {
        SigningRequest r = sim.request(alice, 1, LIFETIME);
        Contribution.Ready early = new Contribution.Ready(bob.attestation(), TestJournals.NO_ENTRY);
        Inbound.Statement ready = bob.envelopeSigner().sign(r.sessionId(), 1, early);
        receives(mallory, ready);
        assertThat(dropped(mallory, bob, DropReason.UNKNOWN_SESSION)).isZero();
        receives(mallory, alice.envelopeSigner().sign(r));
        assertThat(mallory.events)
                .anyMatch(e ->
                        e instanceof SessionEvent.ReadySeen seen
                                && seen.member().equals(bob.member));
    }

    @Test
    void numberOfEarlyMessagesOfAMemberIsBounded() {
        for (int i = 0; i < 2 * sim.limits.queues().earlyMessagesPerMember(); i++) {
            receives(
                    alice,
                    mallory.envelopeSigner()
                            .sign(
                                    someId(),
                                    1,
                                    new Contribution.Ready(
                                            mallory.attestation(), TestJournals.NO_ENTRY)));
        }
        SessionId one = someId();
        for (int i = 0; i < 10; i++) {
            receives(
                    alice,
                    mallory.envelopeSigner()
                            .sign(
                                    one,
                                    i + 1,
                                    new Contribution.Ready(
                                            mallory.attestation(), TestJournals.NO_ENTRY)));
        }
        assertThat(dropped(alice, mallory, DropReason.UNKNOWN_SESSION)).isEqualTo(6);
        receives(
                alice,
                mallory.envelopeSigner()
                        .sign(one, 1, new Contribution.NonceSet(List.of(), List.of())));
        assertThat(dropped(alice, mallory, DropReason.UNKNOWN_SESSION))
                .as("nothing large is kept")
                .isEqualTo(7);
    }

    @Test
    void messagesOfOtherSessionsAttemptsAndPhasesAreDroppedAndCounted() {
        List<Inbound.Statement> heard = new ArrayList<>();
        sim.tamper(
                mallory,
                (to, message) -> {
                    if (to == alice.index()
                            && message instanceof Inbound.Statement s
                            && s.contribution().body() instanceof Contribution.Nonces n) {
                        heard.add(s);
                        SessionId id = s.contribution().session();
                        return List.of(
                                mallory.envelopeSigner().sign(someId(), 1, n).envelope(),
                                mallory.envelopeSigner().sign(id, 2, n).envelope(),
                                mallory.envelopeSigner()
                                        .sign(
                                                id,
                                                2 + sim.limits.attempts().leap(),
                                                new Contribution.Ready(
                                                        mallory.attestation(),
                                                        TestJournals.NO_ENTRY))
                                        .envelope(),
                                s.envelope(),
                                s.envelope());
                    }
                    return List.of(message.envelope());
                });
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        assertThat(heard).hasSize(1);
        assertThat(dropped(alice, mallory, DropReason.UNKNOWN_SESSION)).isEqualTo(1);
        assertThat(dropped(alice, mallory, DropReason.FUTURE_ATTEMPT)).isEqualTo(2);
        assertThat(dropped(alice, mallory, DropReason.DUPLICATE)).isEqualTo(1);
        assertThat(sim.outcome(0, id)).get().isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void numberOfAnswersAboutAFinishedSessionIsBounded() {
        List<Bytes> messages = new ArrayList<>();
        sim.tamper(
                mallory,
                (_, message) -> {
                    messages.add(message.envelope());
                    return List.of(message.envelope());
                });
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        int signatures = sim.watch.signatures();
        for (int i = 0; i < 100; i++) {
            for (Bytes message : messages) {
                receives(alice, sim.open(message));
            }
        }
        sim.settle();
        assertThat(sim.watch.signatures()).isEqualTo(signatures);
        assertThat(sim.outcome(0, id)).get().isInstanceOf(SessionOutcome.Signed.class);
        assertThat(dropped(alice, mallory, DropReason.TOO_MANY_ANSWERS)).isPositive();
        assertThat(alice.engine().liveSessions()).isEmpty();
    }

    @Test
    void requestOfAFinishedSessionIsNotSignedAgainBeforeItHasExpired() {
        SessionId id = sim.ask(mallory, 1);
        Bytes request = sim.peek().orElseThrow();
        sim.settle();
        int generated = sim.watch.generated();
        receives(alice, sim.open(request));
        sim.settle();
        assertThat(dropped(alice, mallory, DropReason.SESSION_OVER)).isPositive();
        alice.die();
        alice.start();
        receives(alice, sim.open(request));
        sim.run();
        assertThat(sim.watch.generated()).isEqualTo(generated);
        assertThat(sim.outcome(0, id)).get().isInstanceOf(SessionOutcome.Signed.class);
    }
}
