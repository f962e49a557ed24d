package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.ForgottenTimes;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Which sessions an engine opens and remembers, how they end, and what it answers about those that
/// are over.
class EngineSessionsTest {
    private static final Hold HOLD = new Hold(Set.of(Bytes.fromHex("c0ffee")), Bytes.fromHex("aa"));

    private OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    private long dropped(int member, DropReason reason) {
        return alice.engine.dropped(alice.member(member), reason);
    }

    private void receive(SigningRequest request) {
        int requester = alice.fixture.group.member(request.requester()).orElseThrow().index();
        alice.receive(alice.fixture.owner(requester).envelopeSigner().sign(request));
    }

    private SigningRequest approved() {
        SigningRequest request = alice.fixture.request(1, 1);
        receive(request);
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), HOLD)));
        return request;
    }

    private List<Statement> toPartials(SigningRequest request) {
        Statement own = alice.toNonces(request);
        List<Statement> nonces =
                List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        return nonces;
    }

    private void signed(SigningRequest request) {
        List<Statement> nonces = toPartials(request);
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
    }

    private Statement said(int signer, SigningRequest request, Contribution.Body body) {
        return alice.sign(signer, request.sessionId(), 1, body);
    }

    private SessionOutcome last() {
        return alice.outcome().orElseThrow();
    }

    private Inbound open(Bytes envelope) {
        try {
            return new EnvelopeVerifier(GroupTable.of(alice.fixture.group), SigningLimits.DEFAULT)
                    .verify(envelope);
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    private Contribution.Body answerTo(int member) {
        return ((Statement) open(alice.sentTo(member).getFirst())).contribution().body();
    }

    // --- requests

    private String startOwn(SigningRequest request) {
        alice.handle(new EngineInput.LocalRequest(request));
        return alice.last().stream()
                .filter(EngineOutput.Finish.class::isInstance)
                .map(output -> ((EngineOutput.Finish) output).outcome())
                .map(outcome -> ((SessionOutcome.Refused) outcome).code())
                .findFirst()
                .orElse("started");
    }

    @Test
    void ownRequestThatHasExpiredIsRefusedWithThatCode() {
        SigningRequest request = alice.fixture.request(0, 1, alice.now.minusSeconds(9), alice.now);
        assertThat(startOwn(request)).isEqualTo("EXPIRED");
    }

    @Test
    void ownRequestIsStartedOnce() {
        SigningRequest request = alice.fixture.request(0, 1);
        assertThat(startOwn(request)).isEqualTo("started");
        assertThat(startOwn(request)).isEqualTo("DUPLICATE");
        assertThat(alice.order()).as("nothing is sent").containsExactly("finish");
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        assertThat(alice.engine.liveSessions()).isEmpty();
        assertThat(startOwn(request)).isEqualTo("DUPLICATE");
        assertThat(last().partialsLeft()).isFalse();
    }

    @Test
    void ownRequestThatMayBeSignedIsNotStartedAgainHoweverOldItIs() {
        SigningRequest request = alice.fixture.request(0, 1);
        startOwn(request);
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), HOLD)));
        toPartials(request);
        alice.now = alice.now.plus(Duration.ofHours(1));
        alice.handle(new EngineInput.Tick());
        alice.now = alice.now.plus(Duration.ofDays(2));
        receive(alice.fixture.request(1, 1, alice.now, alice.now.plusSeconds(60)));
        assertThat(alice.engine.finishedSessions()).as("it is forgotten as finished").isZero();
        assertThat(startOwn(request)).isEqualTo("EXPIRED");
        receive(request);
        assertThat(dropped(0, DropReason.SESSION_OVER)).isEqualTo(1);
    }

    @Test
    void requestOfALiveSessionIsADuplicate() {
        SigningRequest request = approved();
        receive(request);
        assertThat(dropped(1, DropReason.DUPLICATE)).isEqualTo(1);
        assertThat(alice.order()).isEmpty();
        assertThat(alice.engine.liveSessions()).hasSize(1);
    }

    @Test
    void requestThatIsRejectedIsRefusedToAllExceptOneThatIsTooOld() {
        SigningRequest future =
                alice.fixture.request(1, 1, alice.now.plusSeconds(61), alice.now.plusSeconds(100));
        receive(future);
        assertThat(alice.sent(Contribution.Refuse.class).orElseThrow().contribution().body())
                .isEqualTo(
                        new Contribution.Refuse(
                                "BAD_TIMES", "created in the future, or valid for too long"));
        assertThat(dropped(1, DropReason.EXPIRED)).isEqualTo(1);
        receive(alice.fixture.request(1, 1, alice.now.minusSeconds(9), alice.now));
        assertThat(alice.order()).isEmpty();
        assertThat(dropped(1, DropReason.EXPIRED)).isEqualTo(2);
    }

    @Test
    void liveSessionsOfOneRequesterAreBoundedApartFromThoseOfAll() {
        alice.close();
        alice =
                new OneEngine(
                        new GroupFixture(3, 1234),
                        SigningLimits.DEFAULT.with(new SigningLimits.Live(3, 2, 1 << 20, 1)));
        for (int requester : new int[] {1, 1, 1, 2, 2}) {
            receive(alice.fixture.request(requester, 1));
        }
        assertThat(alice.engine.liveSessions()).hasSize(3);
        assertThat(dropped(1, DropReason.TOO_MANY_SESSIONS)).isEqualTo(1);
        assertThat(dropped(2, DropReason.TOO_MANY_SESSIONS)).isEqualTo(1);
        assertThat(startOwn(alice.fixture.request(0, 1))).isEqualTo("BUSY");
    }

    @Test
    void requestThatTheJournalMayHaveForgottenIsRefused() {
        SigningRequest over = alice.fixture.request(1, 1);
        alice.journal.add(
                new JournalRecord.Heads(
                        alice.head().count() + 1,
                        Bytes.wrap(new byte[32]),
                        List.of(
                                new ForgottenTimes.Range(
                                        over.created().toEpochMilli(),
                                        over.expires().toEpochMilli())),
                        0));
        alice.restart();
        receive(over);
        assertThat(alice.engine.liveSessions()).isEmpty();
        assertThat(dropped(1, DropReason.EXPIRED)).isEqualTo(1);
        receive(alice.fixture.request(1, 1, alice.now, over.expires().plusMillis(1)));
        assertThat(alice.engine.liveSessions()).hasSize(1);
    }

    @Test
    void whatCameBeforeTheRequestCountsForIt() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.ready(1, request, 1));
        alice.receive(alice.ready(2, request, 1));
        assertThat(dropped(1, DropReason.UNKNOWN_SESSION)).isZero();
        assertThat(alice.engine.earlySessionsOf(1)).isEqualTo(1);
        alice.receive(alice.nonces(1, request, 1));
        assertThat(dropped(1, DropReason.UNKNOWN_SESSION)).isEqualTo(1);
        receive(request);
        alice.approve(request);
        assertThat(alice.sent(Contribution.Nonces.class)).isPresent();
        assertThat(alice.engine.earlySessionsOf(1)).isZero();
    }

    @Test
    void refusalThatCameBeforeTheRequestEndsItAtOnce() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(said(2, request, new Contribution.Refuse("NO", "no")));
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        receive(request);
        assertThat(alice.engine.liveSessions()).isEmpty();
        assertThat(last()).isInstanceOf(SessionOutcome.Refused.class);
        assertThat(alice.events(SessionEvent.Refused.class)).as("once").hasSize(1);
    }

    // --- after the end

    @Test
    void signerThatStillWorksOnAFinishedSessionIsAnsweredWithItsSignatures() {
        SigningRequest request = approved();
        signed(request);
        List<Bytes> signatures =
                ((SessionOutcome.Signed) last())
                        .signatures().stream().map(SchnorrSignature::bytes).toList();
        List<Contribution.Body> working =
                List.of(
                        alice.ready(2, request, 1).contribution().body(),
                        alice.nonces(2, request, 1).contribution().body(),
                        new Contribution.Partials(List.of(), OneEngine.NO_HASH),
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of(0)));
        for (Contribution.Body body : working) {
            alice.receive(said(2, request, body));
            assertThat(answerTo(2)).isEqualTo(new Contribution.Final(signatures));
        }
        for (Contribution.Body body :
                List.of(
                        new Contribution.Refuse("NO", "no"),
                        new Contribution.Abort("X", List.of(), "x"),
                        new Contribution.NonceSet(List.of(), List.of()),
                        new Contribution.Final(signatures))) {
            alice.receive(said(2, request, body));
            assertThat(alice.sentTo(2)).isEmpty();
        }
        assertThat(dropped(2, DropReason.SESSION_OVER)).isEqualTo(8);
    }

    @Test
    void oneThatAsksTooOftenIsNotAnswered() {
        SigningRequest request = approved();
        signed(request);
        Statement ready = alice.ready(2, request, 1);
        int most = SigningLimits.DEFAULT.finished().answers();
        for (int i = 0; i < most; i++) {
            alice.receive(ready);
            assertThat(alice.sentTo(2)).hasSize(1);
        }
        alice.receive(ready);
        assertThat(alice.sentTo(2)).isEmpty();
        assertThat(dropped(2, DropReason.TOO_MANY_ANSWERS)).isEqualTo(1);
    }

    @Test
    void sessionThatEndedWithoutSignaturesIsAnsweredWithTheMessageThatEndedIt() {
        SigningRequest request = approved();
        Statement refusal = said(1, request, new Contribution.Refuse("NO", "no"));
        alice.receive(refusal);
        alice.receive(alice.ready(2, request, 1));
        assertThat(alice.sentTo(2)).containsExactly(refusal.envelope());
    }

    @Test
    void abortWithLargeProofsIsKeptWithoutThem() {
        for (int bytes : new int[] {100, 3_000}) {
            SigningRequest request = approved();
            Bytes proof = Bytes.wrap(new byte[bytes]);
            Statement abort =
                    said(
                            1,
                            request,
                            new Contribution.Abort("BAD", List.of(2), "why", List.of(proof)));
            alice.receive(abort);
            alice.receive(alice.ready(2, request, 1));
            if (bytes == 100) {
                assertThat(alice.sentTo(2)).containsExactly(abort.envelope());
            } else {
                assertThat(answerTo(2))
                        .isEqualTo(new Contribution.Abort("BAD", List.of(), "", List.of()));
            }
        }
    }

    /// Of as many messages that two of their nonces are larger than what is kept, or than what an
    /// abort may carry.
    @Test
    void ownAbortCarriesItsProofIfThatIsSmallAndIsKeptWithoutIt() {
        for (int messages : new int[] {1, 20, 250}) {
            SigningRequest request = alice.approvedRequest(messages);
            alice.toNonces(request);
            Statement one = alice.nonces(1, request, 1);
            Statement two = alice.nonces(1, request, 1);
            alice.receive(one);
            alice.receive(two);
            Statement abort = alice.sent(Contribution.Abort.class).orElseThrow();
            Contribution.Abort body = (Contribution.Abort) abort.contribution().body();
            assertThat(body.code()).isEqualTo("EQUIVOCATION");
            assertThat(body.culprits()).containsExactly(1);
            assertThat(body.proof())
                    .isEqualTo(
                            messages == 250 ? List.of() : List.of(one.envelope(), two.envelope()));
            alice.receive(alice.ready(2, request, 1));
            if (messages == 20) {
                assertThat(answerTo(2))
                        .isEqualTo(
                                new Contribution.Abort(
                                        body.code(), body.culprits(), body.reason(), List.of()));
            } else {
                assertThat(alice.sentTo(2)).containsExactly(abort.envelope());
            }
        }
    }

    @Test
    void memberThatConnectsIsSentThePartialSignaturesOfSessionsThatMayBeSigned() {
        List<Bytes> partials = new ArrayList<>();
        for (int i = 0; i < 65; i++) {
            SigningRequest request = alice.fixture.request(1, 1);
            receive(request);
            Hold hold = new Hold(Set.of(request.sessionId().bytes()), Bytes.EMPTY);
            alice.handle(
                    new EngineInput.Decided(
                            request.sessionId(), new Decision.Approved(request.messages(), hold)));
            toPartials(request);
            partials.add(alice.sent(Contribution.Partials.class).orElseThrow().envelope());
            alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        }
        alice.handle(new EngineInput.PeerConnected(2));
        assertThat(alice.sentTo(2)).as("after the hello").hasSize(65);
        assertThat(alice.sentTo(2).subList(1, 65)).isEqualTo(partials.subList(0, 64));
    }

    @Test
    void sessionWithoutAHoldIsNotLearnedAfterItsEnd() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(alice.events(SessionEvent.Signed.class)).isEmpty();
        assertThat(dropped(1, DropReason.SESSION_OVER)).isEqualTo(1);
    }

    // --- settling

    @Test
    void holdIsSettledOnceAndOnlyAfterTheEnd() {
        SigningRequest request = approved();
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        assertThat(alice.order()).isEmpty();
        signed(request);
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        assertThat(alice.order()).containsExactly("append Settled");
        assertThat(alice.journal.getLast())
                .isEqualTo(
                        new JournalRecord.Settled(
                                request.sessionId(),
                                1,
                                Bytes.EMPTY,
                                HOLD.content(),
                                alice.now.plus(HoldRegistry.KEY_KEPT),
                                Bytes.EMPTY));
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        assertThat(alice.order()).isEmpty();
    }

    @Test
    void settledHoldsOfAKeyAreToldWithTheirOutcomeAlsoAfterARestart() {
        Bytes key = Bytes.fromHex("4b");
        SigningRequest request = ownRequest(key, alice.now);
        settledAs(request, Bytes.fromHex("0d"));
        SettledHold settled =
                new SettledHold(request.sessionId(), HOLD.content(), Bytes.fromHex("0d"));
        assertThat(alice.engine.settled(key)).containsExactly(settled);
        alice.restart();
        assertThat(alice.engine.settled(key)).containsExactly(settled);
        assertThat(alice.engine.settled(Bytes.fromHex("4c"))).isEmpty();
    }

    /// SAFETY 30: also where requests, which nobody else is ready for, are dated with it.
    @Test
    void clockFarAheadFreesNoKeyOfASettledHold() {
        Bytes key = Bytes.fromHex("4b");
        Instant before = alice.now;
        settledAs(ownRequest(key, alice.now), Bytes.EMPTY);
        alice.now = Instant.parse("2099-01-01T00:00:00Z");
        alice.restart();
        assertThat(endOf(ownRequest(key, alice.now))).isEqualTo("ALREADY_DONE");
        SigningRequest ahead = ownRequest(Bytes.fromHex("4c"), alice.now);
        assertThat(endOf(ahead)).as("nobody else is ready").isEqualTo("none");
        alice.restart();
        assertThat(endOf(ownRequest(key, alice.now))).isEqualTo("ALREADY_DONE");
        alice.now = before.plusSeconds(60);
        alice.restart();
        assertThat(endOf(ownRequest(key, alice.now))).isEqualTo("ALREADY_DONE");
    }

    @Test
    void clockThatIsBehindFreesNoKeyEarly() {
        Bytes key = Bytes.fromHex("4b");
        SigningRequest request = ownRequest(key, alice.now);
        approvedOwn(request);
        signed(request);
        Instant right = alice.now;
        alice.handleAt(
                new EngineInput.Settle(request.sessionId(), Bytes.EMPTY),
                new EngineTime(Instant.EPOCH, EngineTime.of(right).boot()));
        assertThat(((JournalRecord.Settled) alice.journal.getLast()).keyFreeAt())
                .isEqualTo(request.created().plus(HoldRegistry.KEY_KEPT));
    }

    private SigningRequest ownRequest(Bytes key, Instant created) {
        return RequestCodec.create(
                RequestGroup.of(alice.fixture.group),
                alice.self().peerId(),
                alice.fixture.random(32),
                created,
                new SigningRequestDraft(
                        List.of(new MessageToSign(alice.fixture.random(32), KeyTweak.none())),
                        "test",
                        Bytes.EMPTY,
                        key,
                        Duration.ofMinutes(5)));
    }

    private void approvedOwn(SigningRequest request) {
        alice.handle(new EngineInput.LocalRequest(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), HOLD)));
    }

    private String endOf(SigningRequest request) {
        approvedOwn(request);
        return alice.last().stream()
                .filter(EngineOutput.Finish.class::isInstance)
                .map(output -> ((EngineOutput.Finish) output).outcome())
                .map(outcome -> ((SessionOutcome.Refused) outcome).code())
                .findFirst()
                .orElse("none");
    }

    private void settledAs(SigningRequest request, Bytes outcome) {
        approvedOwn(request);
        signed(request);
        alice.handle(new EngineInput.Settle(request.sessionId(), outcome));
    }

    @Test
    void settledSessionLearnsNothingAnyMore() {
        SigningRequest request = approved();
        List<Statement> nonces = toPartials(request);
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(alice.events(SessionEvent.Signed.class)).isEmpty();
    }

    @Test
    void operatorsAgreementIsWrittenIfThereIsSuchAHold() {
        SigningRequest request = approved();
        alice.handle(new EngineInput.AllowConflict(request.sessionId()));
        assertThat(alice.order()).as("nothing has left").isEmpty();
        toPartials(request);
        alice.handle(new EngineInput.AllowConflict(request.sessionId()));
        assertThat(alice.order()).containsExactly("append ConflictAllowed");
        assertThat(alice.engine.isHeld(Bytes.fromHex("c0ffee"))).isFalse();
        alice.restart();
        assertThat(alice.engine.isHeld(Bytes.fromHex("c0ffee"))).isFalse();
    }

    // --- failures

    @Test
    void errorInASessionEndsItAndNotTheOthers() {
        SigningRequest other = alice.approvedRequest(1);
        SigningRequest request = alice.approvedRequest(1);
        alice.beforeSigning =
                () -> {
                    throw new UnsupportedOperationException("a test");
                };
        toPartials(request);
        assertThat(alice.aborted().code()).isEqualTo("INTERNAL");
        assertThat(alice.aborted().reason())
                .isEqualTo("internal error: UnsupportedOperationException");
        assertThat(Named.by(alice.aborted())).isEmpty();
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(alice.engine.liveSessions())
                .extracting(session -> session.id())
                .containsExactly(other.sessionId());
        alice.beforeSigning = () -> {};
        toPartials(other);
        assertThat(alice.recorder.signatures()).isEqualTo(1);
    }

    @Test
    void stoppedEngineOpensNothingAndSaysWhy() {
        for (boolean dropped : new boolean[] {true, false}) {
            alice.handle(dropped ? new EngineInput.GroupDropped() : new EngineInput.Shutdown());
            String code = dropped ? "GROUP_DROPPED" : "SHUTTING_DOWN";
            assertThat(startOwn(alice.fixture.request(0, 1))).isEqualTo(code);
            receive(alice.fixture.request(1, 1));
            assertThat(alice.sent(Contribution.Refuse.class).orElseThrow().contribution().body())
                    .isEqualTo(new Contribution.Refuse(code, "this node has stopped signing"));
            assertThat(alice.engine.liveSessions()).isEmpty();
        }
    }

    @Test
    void stoppedEngineSuspendsItsSessionsAndTellsTheirCallersOnce() {
        SigningRequest request = approved();
        alice.toNonces(request);
        alice.handle(new EngineInput.GroupDropped());
        assertThat(alice.order()).containsExactly("finish");
        assertThat(alice.aborted().code()).isEqualTo("GROUP_DROPPED");
        assertThat(alice.aborted().by()).isEqualTo(alice.self());
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(alice.engine.liveSessions()).isEmpty();
        alice.handle(new EngineInput.Shutdown());
        assertThat(alice.order()).isEmpty();
    }

    @Test
    void failureOfTheJournalIsReported() {
        alice.handle(new EngineInput.JournalFailed("the disk is full"));
        assertThat(alice.events(SessionEvent.JournalFailed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.toString()).contains("the disk is full"));
        assertThat(startOwn(alice.fixture.request(0, 1))).isEqualTo("JOURNAL_FAILED");
    }

    @Test
    void framesThatAreNoMessagesAreCountedAgainstTheirSender() {
        alice.handle(new EngineInput.Rejected(2, DropReason.OVERSIZE));
        assertThat(dropped(2, DropReason.OVERSIZE)).isEqualTo(1);
        assertThat(dropped(1, DropReason.OVERSIZE)).isZero();
    }

    @Test
    void decisionAboutASessionThatIsOverSaysNothing() {
        SigningRequest request = alice.fixture.request(1, 1);
        receive(request);
        alice.receive(said(1, request, new Contribution.Refuse("NO", "no")));
        alice.approve(request);
        assertThat(alice.order()).isEmpty();
        alice.handle(
                new EngineInput.Decided(
                        new SessionId(OneEngine.NO_HASH), new Decision.Refused("NO", "no")));
        assertThat(alice.order()).isEmpty();
    }

    // --- time

    @Test
    void nextDeadlineIsTheEarliestOfAllSessions() {
        assertThat(alice.engine.nextDeadline()).isEmpty();
        assertThat(alice.engine.untilNextDeadline(EngineTime.of(alice.now))).isEmpty();
        assertThat(alice.engine.isDue(EngineTime.of(alice.now.plusSeconds(1_000_000)))).isFalse();
        receive(alice.fixture.request(1, 1));
        Instant first = alice.now.plus(SessionTimeouts.DEFAULT.readiness().dividedBy(2));
        assertThat(alice.engine.nextDeadline()).contains(first);
        alice.now = alice.now.plusSeconds(1);
        receive(alice.fixture.request(1, 1));
        assertThat(alice.engine.nextDeadline()).contains(first);
        assertThat(alice.engine.untilNextDeadline(EngineTime.of(first.minusMillis(5))))
                .contains(Duration.ofMillis(5));
        assertThat(alice.engine.untilNextDeadline(EngineTime.of(first))).contains(Duration.ZERO);
        assertThat(alice.engine.isDue(EngineTime.of(first.minusNanos(1)))).isFalse();
        assertThat(alice.engine.isDue(EngineTime.of(first))).isTrue();
        assertThat(alice.engine.untilNextDeadline(EngineTime.of(first.plusSeconds(9))))
                .contains(Duration.ZERO);
    }

    @Test
    void sessionThatMayBeSignedIsAnsweredLikeOneThatIsOver() {
        SigningRequest request = approved();
        List<Statement> nonces = toPartials(request);
        Statement refusal = said(1, request, new Contribution.Refuse("NO", "no"));
        alice.receive(refusal);
        alice.receive(alice.ready(2, request, 1));
        assertThat(alice.sentTo(2)).containsExactly(refusal.envelope());
        assertThat(dropped(2, DropReason.SESSION_OVER)).isEqualTo(1);
        alice.restart();
        assertThat(last().partialsLeft()).isTrue();
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        alice.receive(alice.ready(2, request, 1));
        assertThat(answerTo(2)).isInstanceOf(Contribution.Final.class);
    }
}
