package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Contribution.Phase;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What each phase of a session takes, asks for and waits for, and what carries over to the next
/// attempt. See [SessionEngineTest] for a session without any of it. One file as [Session] is one:
/// each case goes through the phases before it.
class SessionPhasesTest {
    private static final Duration READINESS = SessionTimeouts.DEFAULT.readiness();
    private static final Duration NONCES = SessionTimeouts.DEFAULT.nonces();
    private static final Duration PARTIALS = SessionTimeouts.DEFAULT.partials();

    private OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    private void limit(SigningLimits limits) {
        alice.close();
        alice = new OneEngine(new GroupFixture(3, 1234), limits);
    }

    private long dropped(int member, DropReason reason) {
        return alice.engine.dropped(alice.member(member), reason);
    }

    private SigningRequest announced() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        return request;
    }

    private List<Statement> allNonces(SigningRequest request) {
        Statement own = alice.toNonces(request);
        return List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1));
    }

    private List<Statement> toPartials(SigningRequest request) {
        List<Statement> nonces = allNonces(request);
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        return nonces;
    }

    private String phase() {
        return alice.engine.liveSessions().stream()
                .map(session -> session.phase() + " " + session.attempt())
                .findFirst()
                .orElse("over");
    }

    private Statement said(int signer, SigningRequest request, Contribution.Body body) {
        return alice.sign(signer, request.sessionId(), 1, body);
    }

    private Contribution.RetransmissionRequest asked() {
        return (Contribution.RetransmissionRequest)
                alice.sent(Contribution.RetransmissionRequest.class)
                        .orElseThrow()
                        .contribution()
                        .body();
    }

    private boolean isSigned() {
        return alice.outcome().orElse(null) instanceof SessionOutcome.Signed;
    }

    // --- approval and readiness

    @Test
    void decisionCountsOnce() {
        SigningRequest request = alice.approvedRequest(1);
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Refused("NO", "too late")));
        assertThat(phase()).isEqualTo("READINESS 1");
        assertThat(alice.order()).isEmpty();
    }

    @Test
    void approvalIsAskedWithItsDeadlineAndNothingIsAskedOfOthersMeanwhile() {
        announced();
        Instant deadline = alice.now.plus(READINESS);
        assertThat(alice.last())
                .filteredOn(EngineOutput.AskApproval.class::isInstance)
                .extracting(output -> ((EngineOutput.AskApproval) output).deadline())
                .containsExactly(deadline);
        alice.tickAfter(READINESS.dividedBy(2));
        assertThat(alice.order()).isEmpty();
        assertThat(alice.engine.nextDeadline()).contains(deadline);
        alice.tickAfter(READINESS.dividedBy(2));
        assertThat(alice.outcome())
                .containsInstanceOf(SessionOutcome.Refused.class)
                .get()
                .extracting(outcome -> ((SessionOutcome.Refused) outcome).code())
                .isEqualTo("APPROVAL_TIMEOUT");
    }

    @Test
    void readinessOfTheFirstAttemptLastsFromTheAnnouncement() {
        SigningRequest request = announced();
        alice.now = alice.now.plus(READINESS).minusSeconds(1);
        alice.approve(request);
        assertThat(phase()).isEqualTo("READINESS 1");
        alice.tickAfter(Duration.ofSeconds(1));
        assertThat(alice.aborted().code()).isEqualTo("NO_ANSWER");
        assertThat(alice.aborted().observed()).containsExactly(alice.member(1), alice.member(2));
    }

    @Test
    void readinessOfALaterAttemptLastsFromItsBeginning() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.tickAfter(NONCES);
        assertThat(phase()).isEqualTo("READINESS 2");
        alice.tickAfter(READINESS.minusMillis(1));
        assertThat(phase()).isEqualTo("READINESS 2");
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(alice.aborted().code()).isEqualTo("NO_ANSWER");
    }

    @Test
    void requestIsInTheJournalOnce() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.tickAfter(NONCES);
        JournalRecord.Ready second = (JournalRecord.Ready) alice.journal.getLast();
        assertThat(second)
                .isEqualTo(
                        new JournalRecord.Ready(
                                request.sessionId(), 2, 0, Bytes.EMPTY, Hold.NONE, 0));
    }

    @Test
    void attemptThatIsRaisedWhileTheApprovalIsMadeIsTheFirstThatThisNodeIsReadyFor() {
        SigningRequest request = announced();
        alice.receive(alice.ready(1, request, 3));
        assertThat(phase()).isEqualTo("APPROVING 3");
        assertThat(alice.order()).isEmpty();
        alice.approve(request);
        assertThat(alice.order()).containsExactly("append Ready", "send Ready");
        JournalRecord.Ready record = (JournalRecord.Ready) alice.journal.getLast();
        assertThat(record.attempt()).isEqualTo(3);
        assertThat(record.requestEnvelope().isEmpty()).isFalse();
        assertThat(record.expiresMillis()).isEqualTo(request.expires().toEpochMilli());
        alice.receive(alice.ready(2, request, 3));
        assertThat(phase()).as("bob's has not been forgotten").isEqualTo("NONCES 3");
        assertThat(alice.events(SessionEvent.AttemptFailed.class)).isEmpty();
    }

    @Test
    void whoIsReadyAndWhoHasSentWhatIsReported() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        alice.receive(alice.partials(1, request, 1, nonces));
        assertThat(alice.events(SessionEvent.ReadySeen.class))
                .extracting(event -> event.member().index())
                .containsExactly(0, 1, 2);
        assertThat(alice.events(SessionEvent.AttemptStarted.class)).hasSize(1);
        assertThat(alice.events(SessionEvent.NoncesSeen.class))
                .extracting(event -> event.member().index())
                .containsExactly(0, 1, 2);
        assertThat(alice.events(SessionEvent.PartialSeen.class))
                .extracting(event -> event.member().index())
                .containsExactly(0, 1);
    }

    @Test
    void noncesThatComeBeforeAReadyShowThatItIsWithheld() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        alice.receive(alice.nonces(1, request, 1));
        Instant soon = alice.now.plus(NONCES.dividedBy(4));
        assertThat(alice.engine.nextDeadline()).contains(soon);
        alice.tickAfter(NONCES.dividedBy(4).minusMillis(1));
        assertThat(alice.order()).isEmpty();
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(asked())
                .isEqualTo(new Contribution.RetransmissionRequest(Phase.READY, List.of(2)));
        alice.receive(alice.ready(2, request, 1));
        assertThat(phase()).isEqualTo("NONCES 1");
    }

    @Test
    void messagesOfALaterPhaseThanMayBeAreDropped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Partials(List.of(OneEngine.NO_HASH), OneEngine.NO_HASH)));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(1);
        alice.receive(said(1, request, new Contribution.NonceSet(List.of(), List.of())));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(2);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        2,
                        new Contribution.NonceSet(List.of(), List.of())));
        assertThat(dropped(1, DropReason.STALE_ATTEMPT)).isEqualTo(1);
    }

    @Test
    void messagesBeforeAllHaveSaidHelloAreDroppedExceptReady() {
        alice.restartAlone();
        SigningRequest request = alice.approvedRequest(1);
        assertThat(phase()).isEqualTo("WAITING 1");
        alice.receive(alice.ready(1, request, 1));
        alice.receive(alice.nonces(1, request, 1));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(1);
        alice.tickAfter(READINESS.dividedBy(2));
        assertThat(alice.order()).as("nobody is asked").isEmpty();
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().code()).isEqualTo("NO_ANSWER");
        assertThat(alice.aborted().observed()).containsExactly(alice.member(1), alice.member(2));
    }

    @Test
    void ownMessagesThatComeBackAreDropped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(0, request, 1, OneEngine.head(9)));
        assertThat(dropped(0, DropReason.DUPLICATE)).isEqualTo(1);
        assertThat(phase()).isEqualTo("READINESS 1");
    }

    // --- nonces and partial signatures

    @Test
    void halfwayMissingNoncesAndPartialSignaturesAreAskedFor() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = allNonces(request);
        alice.receive(nonces.get(1));
        alice.tickAfter(NONCES.dividedBy(2));
        assertThat(asked())
                .isEqualTo(new Contribution.RetransmissionRequest(Phase.NONCES, List.of(2)));
        alice.receive(nonces.get(2));
        alice.receive(alice.partials(2, request, 1, nonces));
        alice.tickAfter(PARTIALS.dividedBy(2));
        assertThat(asked())
                .isEqualTo(new Contribution.RetransmissionRequest(Phase.PARTIALS, List.of(1)));
        alice.tickAfter(PARTIALS.dividedBy(2));
        assertThat(alice.events(SessionEvent.AttemptFailed.class))
                .singleElement()
                .satisfies(
                        failed -> assertThat(failed.holdouts()).containsExactly(alice.member(1)));
    }

    @Test
    void partialSignaturesThatComeBeforeAllNoncesAreVerifiedWithThem() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = allNonces(request);
        alice.receive(nonces.get(1));
        alice.receive(alice.partials(1, request, 1, nonces));
        assertThat(alice.recorder.signatures()).isZero();
        alice.receive(nonces.get(2));
        assertThat(alice.events(SessionEvent.PartialSeen.class))
                .extracting(event -> event.member().index())
                .containsExactly(0, 1);
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(isSigned()).isTrue();
    }

    @Test
    void wrongPartialSignaturesThatComeBeforeAllNoncesAreFoundWithThem() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = allNonces(request);
        alice.receive(nonces.get(1));
        Contribution.Partials good =
                (Contribution.Partials) alice.partials(1, request, 1, nonces).contribution().body();
        byte[] changed = good.partials().getFirst().toArray();
        changed[31] ^= 1;
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Partials(
                                List.of(Bytes.wrap(changed)), good.nonceSetHash())));
        assertThat(alice.outcome()).isEmpty();
        alice.receive(nonces.get(2));
        assertThat(alice.aborted().code()).isEqualTo("BAD_PARTIAL");
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(1));
    }

    @Test
    void partialSignaturesThatAreNoNumbersConvictTheirSigner() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        Contribution.Partials good =
                (Contribution.Partials) alice.partials(1, request, 1, nonces).contribution().body();
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Partials(
                                List.of(Bytes.fromHex("ff".repeat(32))), good.nonceSetHash())));
        assertThat(alice.aborted().code()).isEqualTo("BAD_CONTRIBUTION");
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(1));
        assertThat(alice.aborted().reason()).endsWith("sent malformed partial signatures");
    }

    @Test
    void ownNonceSetIsSentOnceInAnAttemptHoweverManySignedForAnother() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        List<Statement> ofBob = List.of(nonces.get(0), nonces.get(1), alice.nonces(2, request, 1));
        alice.receive(alice.partials(1, request, 1, ofBob));
        assertThat(alice.order()).containsExactly("send NonceSet");
        Contribution.NonceSet set =
                (Contribution.NonceSet)
                        alice.sent(Contribution.NonceSet.class).orElseThrow().contribution().body();
        assertThat(set.envelopes()).isEqualTo(nonces.stream().map(Statement::envelope).toList());
        assertThat(set.attestations())
                .as("with which a third party knows whose nonces these are")
                .hasSize(3)
                .endsWith(
                        alice.fixture.owner(1).attestation(), alice.fixture.owner(2).attestation());
        alice.receive(alice.partials(2, request, 1, ofBob));
        assertThat(alice.order()).isEmpty();
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).as("hello, request, four messages").hasSize(6);
    }

    @Test
    void nonceSetThatComesFirstIsComparedWithThePartialSignatures() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        Statement carols = alice.nonces(2, request, 1);
        List<Statement> others = List.of(nonces.get(0), nonces.get(1), carols);
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.NonceSet(
                                others.stream().map(Statement::envelope).toList(),
                                alice.fixture.attestations())));
        assertThat(alice.outcome()).as("it proves nothing yet").isEmpty();
        alice.receive(alice.partials(1, request, 1, others));
        assertThat(alice.aborted().code()).isEqualTo("EQUIVOCATION");
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(2));
    }

    @Test
    void twoProcessesOfASignerWithNoncesOfTheirOwnAreObserved() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        Statement ofCopy =
                alice.fixture
                        .owner(2)
                        .restarted()
                        .envelopeSigner()
                        .sign(
                                request.sessionId(),
                                1,
                                alice.nonces(2, request, 1).contribution().body());
        List<Statement> others = List.of(nonces.get(0), nonces.get(1), ofCopy);
        alice.receive(alice.partials(1, request, 1, others));
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.NonceSet(
                                others.stream().map(Statement::envelope).toList(),
                                alice.fixture.attestations())));
        assertThat(alice.aborted().code()).isEqualTo("TWO_PROCESSES");
        assertThat(alice.aborted().culprits()).isEmpty();
        assertThat(alice.aborted().observed()).containsExactly(alice.member(2));
    }

    @Test
    void signatureBeforeTheApprovalIsNotLookedAt() {
        SigningRequest request = announced();
        alice.receive(said(1, request, new Contribution.Final(List.of(Bytes.wrap(new byte[64])))));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(1);
        assertThat(dropped(1, DropReason.BAD_FINAL)).isZero();
    }

    @Test
    void signaturesThatDoNotVerifyAreLookedAtAFewTimesOfEachMember() {
        SigningRequest request = alice.approvedRequest(1);
        Statement bad = said(1, request, new Contribution.Final(List.of(Bytes.wrap(new byte[64]))));
        for (int i = 0; i < Session.MAX_BAD_FINALS + 2; i++) {
            alice.receive(bad);
        }
        assertThat(dropped(1, DropReason.BAD_FINAL)).isEqualTo(Session.MAX_BAD_FINALS);
        assertThat(dropped(1, DropReason.TOO_MANY_ANSWERS)).isEqualTo(2);
        alice.receive(said(2, request, bad.contribution().body()));
        assertThat(dropped(2, DropReason.BAD_FINAL)).isEqualTo(1);
    }

    // --- later attempts

    @Test
    void partialSignaturesOfTheAttemptBeforeCompleteTheSession() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        alice.tickAfter(PARTIALS);
        assertThat(phase()).isEqualTo("READINESS 2");
        alice.receive(alice.partials(1, request, 1, nonces));
        assertThat(dropped(1, DropReason.STALE_ATTEMPT)).isEqualTo(1);
        assertThat(isSigned()).isFalse();
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(isSigned()).isTrue();
        assertThat(alice.recorder.signatures()).isEqualTo(1);
    }

    @Test
    void partialSignaturesThatCameInTheAttemptBeforeCountInIt() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.tickAfter(PARTIALS);
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(isSigned()).isTrue();
    }

    @Test
    void latePartialSignaturesOfAnotherNonceSetOrOfAnEarlierAttemptSayNothing() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        alice.tickAfter(PARTIALS);
        Bytes partial = OneEngine.NO_HASH;
        alice.receive(
                said(1, request, new Contribution.Partials(List.of(partial), OneEngine.NO_HASH)));
        assertThat(dropped(1, DropReason.BAD_LATE_PARTIALS)).isZero();
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Partials(
                                List.of(partial),
                                NonceSetHash.of(
                                        nonces.stream().map(Statement::payload).toList()))));
        assertThat(dropped(1, DropReason.BAD_LATE_PARTIALS)).isEqualTo(1);
        assertThat(phase()).isEqualTo("READINESS 2");
    }

    @Test
    void readyForALaterAttemptOfTwoProcessesIsNotEquivocation() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 500));
        assertThat(dropped(1, DropReason.FUTURE_ATTEMPT)).isEqualTo(1);
        GroupFixture.Owner copy = alice.fixture.owner(1).restarted();
        alice.receive(
                copy.envelopeSigner()
                        .sign(
                                request.sessionId(),
                                500,
                                new Contribution.Ready(copy.attestation(), OneEngine.head(9))));
        assertThat(dropped(1, DropReason.OTHER_PROCESS)).isEqualTo(1);
        assertThat(phase()).isEqualTo("READINESS 1");
        alice.receive(alice.ready(1, request, 500, OneEngine.head(9)));
        assertThat(alice.aborted().code()).isEqualTo("EQUIVOCATION");
    }

    @Test
    void onlyAReadyIsFollowedToALaterAttempt() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.nonces(1, request, 2));
        assertThat(dropped(1, DropReason.FUTURE_ATTEMPT)).isEqualTo(1);
        assertThat(phase()).isEqualTo("READINESS 1");
    }

    /// Only one attempt may fail here.
    @Test
    void attemptThatIsLeftBeforeHalfOfItsTimeDoesNotCount() {
        limit(SigningLimits.DEFAULT.with(new SigningLimits.Attempts(1, 16, 256)));
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.now = alice.now.plus(NONCES.dividedBy(2)).minusMillis(1);
        alice.receive(alice.ready(1, request, 2));
        assertThat(phase()).isEqualTo("READINESS 2");
        alice.receive(alice.ready(2, request, 2));
        assertThat(phase()).isEqualTo("NONCES 2");
        alice.now = alice.now.plus(NONCES.dividedBy(2));
        alice.receive(alice.ready(1, request, 3));
        assertThat(alice.aborted().code()).isEqualTo("ATTEMPTS_EXHAUSTED");
        assertThat(alice.aborted().observed()).containsExactly(alice.member(1), alice.member(2));
        assertThat(alice.recorder.unwiped()).isZero();
    }

    @Test
    void attemptThatWasNotBegunDoesNotCount() {
        limit(SigningLimits.DEFAULT.with(new SigningLimits.Attempts(1, 16, 256)));
        SigningRequest request = alice.approvedRequest(1);
        alice.now = alice.now.plus(READINESS.dividedBy(2));
        alice.receive(alice.ready(1, request, 2));
        assertThat(phase()).isEqualTo("READINESS 2");
        assertThat(alice.events(SessionEvent.AttemptFailed.class)).isEmpty();
    }

    @Test
    void noncesOfAnAttemptThatIsLeftAreWiped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.receive(alice.ready(1, request, 2));
        assertThat(phase()).isEqualTo("READINESS 2");
        assertThat(alice.recorder.unwiped()).isZero();
        alice.receive(alice.ready(2, request, 2));
        assertThat(alice.recorder.generated()).isEqualTo(2);
    }

    // --- aborts and observations

    @Test
    void messageThatProvesNothingIsNotTakenFromAnAbort() {
        SigningRequest request = alice.approvedRequest(1);
        for (Contribution.Body body :
                List.of(
                        new Contribution.Refuse("NO", "no"),
                        new Contribution.Abort("X", List.of(), "x"),
                        new Contribution.Final(List.of(Bytes.wrap(new byte[64]))))) {
            Bytes proof = said(2, request, body).envelope();
            alice.receive(
                    said(1, request, new Contribution.Abort("Y", List.of(), "y", List.of(proof))));
            assertThat(alice.aborted().by()).isEqualTo(alice.member(1));
            assertThat(dropped(2, DropReason.BAD_FINAL)).isZero();
            request = alice.approvedRequest(1);
        }
    }

    @Test
    void proofThatIsNoMessageIsCountedAgainstWhoSentIt() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Abort(
                                "Y", List.of(2), "y", List.of(Bytes.fromHex("00")))));
        assertThat(alice.aborted().by()).isEqualTo(alice.member(1));
        assertThat(
                        alice.events(SessionEvent.Dropped.class).stream()
                                .filter(event -> event.from().equals(alice.member(1))))
                .hasSize(1);
    }

    @Test
    void memberThatIsAheadIsNotTheSilentOne() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 500));
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().code()).isEqualTo("NO_ANSWER");
        assertThat(alice.aborted().observed()).containsExactly(alice.member(2));
    }

    @Test
    void membersThatAreAheadAreNamedIfNobodyElseIsSilent() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 500));
        alice.receive(alice.ready(2, request, 1));
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().observed()).containsExactly(alice.member(1));
    }

    @Test
    void partialSignaturesInAnEndedAttemptReleaseNothing() {
        SigningRequest request = announced();
        Bytes coin = Bytes.fromHex("c0");
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new Decision.Approved(
                                request.messages(), new Hold(Set.of(coin), Bytes.EMPTY))));
        toPartials(request);
        alice.tickAfter(PARTIALS);
        assertThat(alice.engine.isHeld(coin)).isTrue();
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().partialsLeft()).isTrue();
        assertThat(alice.engine.isHeld(coin)).isTrue();
    }

    // --- restarts

    @Test
    void sessionIsReportedWhenItIsAnnouncedAndWhenItGoesOnAfterARestart() {
        SigningRequest request = announced();
        assertThat(alice.events(SessionEvent.Announced.class))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.request()).isEqualTo(request);
                    assertThat(event.requester()).isEqualTo(alice.member(1));
                });
        alice.approve(request);
        alice.restart();
        assertThat(alice.events(SessionEvent.Resumed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.attempt()).isEqualTo(2));
        assertThat(phase()).isEqualTo("APPROVING 2");
    }

    @Test
    void approvalThatIsAskedAgainHasItsTimeAndItsEndIsWritten() {
        alice.approvedRequest(1);
        alice.now = alice.now.plusSeconds(60);
        alice.restart();
        alice.tickAfter(READINESS.minusMillis(1));
        assertThat(phase()).isEqualTo("APPROVING 2");
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(alice.order()).containsExactly("send Refuse", "append Ended", "finish");
    }

    @Test
    void requestIsNotWrittenAgainAfterARestart() {
        SigningRequest request = alice.approvedRequest(1);
        alice.restart();
        alice.approve(request);
        assertThat(alice.journal.getLast())
                .isEqualTo(
                        new JournalRecord.Ready(
                                request.sessionId(), 2, 1, Bytes.EMPTY, Hold.NONE, 0));
    }

    @Test
    void partialSignaturesOfASessionThatEndedBeforeTheRestartAreSentAgain() {
        SigningRequest request = announced();
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new Decision.Approved(
                                request.messages(),
                                new Hold(Set.of(Bytes.fromHex("c0")), Bytes.EMPTY))));
        toPartials(request);
        Bytes own = alice.sent(Contribution.Partials.class).orElseThrow().envelope();
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        alice.restart();
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).hasSize(2).contains(own);
    }

    // --- waiting

    @Test
    void sessionThatWaitedGoesOnAtOnceIfAllOthersAreReady() {
        alice.restartAlone();
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        alice.receive(alice.ready(2, request, 1));
        assertThat(phase()).isEqualTo("WAITING 1");
        alice.receive(alice.fixture.hello(1));
        alice.receive(alice.fixture.hello(2));
        assertThat(phase()).isEqualTo("NONCES 1");
    }

    @Test
    void waitingHasATimeOfItsOwn() {
        alice.restartAlone();
        SigningRequest request = announced();
        alice.now = alice.now.plus(READINESS).minusSeconds(1);
        alice.approve(request);
        assertThat(phase()).isEqualTo("WAITING 1");
        alice.tickAfter(READINESS.minusMillis(1));
        assertThat(phase()).isEqualTo("WAITING 1");
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(phase()).isEqualTo("over");
    }

    /// Bob is there twice.
    private void makeCopy() {
        GroupFixture.Owner bob = alice.fixture.owner(1);
        Bytes boot = alice.fixture.owner(0).boot();
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(bob.envelopeSigner().answer(0, boot, 1));
        alice.receive(bob.restarted().envelopeSigner().answer(0, boot, 1));
        alice.tickAfter(Presence.CHALLENGE_PAUSE);
        alice.receive(bob.envelopeSigner().answer(0, boot, 2));
        assertThat(alice.engine.memberStates().get(1).copied()).isTrue();
    }

    @Test
    void phaseThatEndsWhileThereIsACopyNamesItsMember() {
        for (boolean waiting : new boolean[] {false, true}) {
            alice.close();
            alice = new OneEngine();
            if (waiting) {
                makeCopy();
            }
            alice.approvedRequest(1);
            if (!waiting) {
                makeCopy();
            }
            assertThat(phase()).isEqualTo(waiting ? "WAITING 1" : "READINESS 1");
            for (int i = 0; i < 40; i++) {
                alice.tickAfter(Duration.ofMillis(500));
                GroupFixture.Owner bob = alice.fixture.owner(1);
                for (GroupFixture.Owner process : List.of(bob, bob.restarted())) {
                    alice.receive(
                            process.envelopeSigner().answer(0, alice.fixture.owner(0).boot(), 2));
                }
            }
            assertThat(alice.aborted().code()).isEqualTo("TWO_PROCESSES");
            assertThat(alice.aborted().observed()).containsExactly(alice.member(1));
            assertThat(alice.aborted().culprits()).isEmpty();
        }
    }

    // --- more of attempts

    @Test
    void memberThatIsNotSoFarAheadAnyMoreIsFollowedTo() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 300));
        assertThat(phase()).isEqualTo("READINESS 1");
        alice.receive(alice.ready(2, request, 100));
        assertThat(phase()).as("carol's, and then bob's").isEqualTo("READINESS 300");
    }

    @Test
    void noncesInTheirPhaseChangeNothingOfWhenOthersAreAskedFor() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.receive(alice.nonces(1, request, 1));
        assertThat(alice.engine.nextDeadline()).contains(alice.now.plus(NONCES.dividedBy(2)));
    }

    @Test
    void ofTwoWhoseEarlyPartialSignaturesAreWrongOneIsConvicted() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = allNonces(request);
        alice.receive(nonces.get(1));
        Bytes hash = NonceSetHash.of(nonces.stream().map(Statement::payload).toList());
        Contribution.Partials bad = new Contribution.Partials(List.of(OneEngine.NO_HASH), hash);
        alice.receive(said(1, request, bad));
        alice.receive(said(2, request, bad));
        alice.receive(nonces.get(2));
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(1));
        assertThat(alice.order())
                .filteredOn(output -> output.equals("evidence"))
                .as("the session is over")
                .hasSize(1);
    }

    @Test
    void headInNoncesIsRemembered() {
        SigningRequest request = alice.approvedRequest(1);
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(
                alice.fixture
                        .owner(1)
                        .envelopeSigner()
                        .answer(0, alice.fixture.owner(0).boot(), 1));
        alice.toNonces(request);
        Statement nonces = alice.nonces(1, request, 1, OneEngine.head(7));
        alice.receive(nonces);
        alice.tickAfter(Presence.CHALLENGE_PAUSE);
        alice.now = alice.now.plus(PeerHeads.SETTLES);
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).anyMatch(envelope -> contains(envelope, nonces.envelope()));
    }

    private static boolean contains(Bytes outer, Bytes inner) {
        return outer.toHex().contains(inner.toHex());
    }

    // --- what others wait for

    private SigningRequest approvedHolding(Bytes coin) {
        SigningRequest request = announced();
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new Decision.Approved(
                                request.messages(), new Hold(Set.of(coin), Bytes.EMPTY))));
        return request;
    }

    private Inbound hello(int member, Bytes terms, Bytes recovering) {
        return alice.fixture
                .owner(member)
                .envelopeSigner()
                .greet(Optional.empty(), 1, alice.fixture.terms(member, terms), false, recovering);
    }

    @Test
    void attemptThatFailsFreesWhatItHeldAlsoIfTheNextHasToWait() {
        Bytes coin = Bytes.fromHex("c0");
        SigningRequest request = approvedHolding(coin);
        alice.toNonces(request);
        alice.receive(hello(1, Bytes.fromHex("0bad"), Bytes.EMPTY));
        assertThat(alice.engine.isHeld(coin)).isTrue();
        alice.tickAfter(NONCES);
        assertThat(phase()).isEqualTo("WAITING 2");
        assertThat(alice.engine.isHeld(coin)).isFalse();
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().code()).isEqualTo("TERMS_DIFFER");
    }

    @Test
    void moreNoncesThanTheSessionHasAreDroppedWithoutBlame() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        Bytes nonce =
                ((Contribution.Nonces) alice.nonces(1, request, 1).contribution().body())
                        .nonces()
                        .getFirst();
        alice.receive(
                said(
                        1,
                        request,
                        new Contribution.Nonces(Collections.nCopies(9, nonce), OneEngine.head(1))));
        assertThat(dropped(1, DropReason.MALFORMED)).isEqualTo(1);
        assertThat(phase()).isEqualTo("NONCES 1");
    }

    /// Bob's journal was lost.
    private List<EngineOutput.HandOver> handedOverToBob() {
        Bytes journal = Bytes.fromHex("0a".repeat(16));
        alice.receive(hello(1, GroupFixture.TERMS, journal));
        alice.handle(new EngineInput.Consent(1, journal));
        alice.receive(alice.fixture.owner(1).envelopeSigner().askForHandOver(journal, Bytes.EMPTY));
        return alice.last().stream()
                .filter(EngineOutput.HandOver.class::isInstance)
                .map(EngineOutput.HandOver.class::cast)
                .toList();
    }

    @Test
    void partialSignaturesOfOthersAreHandedOverWheneverTheyCame() {
        SigningRequest request = approvedHolding(Bytes.fromHex("c0"));
        List<Statement> nonces = toPartials(request);
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        Statement late = alice.partials(2, request, 1, nonces);
        alice.receive(late);
        assertThat(handedOverToBob())
                .singleElement()
                .satisfies(question -> {
                    assertThat(question.member()).isEqualTo(1);
                    assertThat(question.partials())
                            .isEqualTo(Map.of(request.sessionId(), List.of(late.envelope())));
                });
    }

    @Test
    void partialSignaturesOfTheAttemptThatWasSignedInAreHandedOver() {
        SigningRequest request = approvedHolding(Bytes.fromHex("c0"));
        List<Statement> nonces = toPartials(request);
        Statement ofCarol = alice.partials(2, request, 1, nonces);
        alice.receive(ofCarol);
        alice.tickAfter(PARTIALS);
        assertThat(phase()).isEqualTo("READINESS 2");
        assertThat(handedOverToBob())
                .as("the consent has ended it")
                .singleElement()
                .satisfies(question ->
                        assertThat(question.partials())
                                .containsEntry(request.sessionId(), List.of(ofCarol.envelope())));
        assertThat(alice.aborted().code()).isEqualTo("RECOVERING");
    }
}
