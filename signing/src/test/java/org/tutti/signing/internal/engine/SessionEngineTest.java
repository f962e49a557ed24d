package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// One engine, one input at a time: the messages of a session in every order that matters, which is
/// one responsibility, as the state machine is.
class SessionEngineTest {
    private static final Duration READINESS = SessionTimeouts.DEFAULT.readiness();
    private static final Duration NONCES = SessionTimeouts.DEFAULT.nonces();

    private final OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    private long dropped(int member, DropReason reason) {
        return alice.engine.dropped(alice.member(member), reason);
    }

    /// All nonces, in signer order: alice's were sent, bob's and carol's are new.
    private List<Statement> allNonces(SigningRequest request, Statement own) {
        return List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1));
    }

    private List<Statement> toPartials(SigningRequest request) {
        List<Statement> nonces = allNonces(request, alice.toNonces(request));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        return nonces;
    }

    // --- approval and readiness

    @Test
    void requestOfAnotherIsAskedForApprovalAndNothingIsSent() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        assertThat(alice.order()).containsExactly("ask");
        assertThat(alice.engine.liveSessions())
                .singleElement()
                .satisfies(s -> assertThat(s.phase()).isEqualTo("APPROVING"));
    }

    @Test
    void ownRequestIsSentToAllAndAskedForApprovalToo() {
        alice.handle(new EngineInput.LocalRequest(alice.fixture.request(0, 1)));
        assertThat(alice.order()).containsExactly("send Request", "ask");
    }

    @Test
    void readyIsInTheJournalBeforeItIsSent() {
        SigningRequest request = alice.approvedRequest(1);
        assertThat(alice.order()).containsExactly("append Ready", "send Ready");
        assertThat(alice.journal.getLast())
                .isInstanceOfSatisfying(
                        JournalRecord.Ready.class,
                        r -> {
                            assertThat(r.session()).isEqualTo(request.sessionId());
                            assertThat(r.attempt()).isEqualTo(1);
                            assertThat(r.requestEnvelope()).isNotEqualTo(Bytes.EMPTY);
                            assertThat(r.mustForce()).isTrue();
                        });
    }

    @Test
    void readyReportsTheHeadWithItsOwnEntry() {
        alice.approvedRequest(1);
        JournalHead expected = alice.head();
        assertThat(alice.sent(Contribution.Ready.class).orElseThrow().contribution().body())
                .isInstanceOfSatisfying(
                        Contribution.Ready.class,
                        ready -> assertThat(ready.head()).isEqualTo(expected));
    }

    @Test
    void refusedApprovalIsSentAndEndsTheSession() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Refused("LIMIT", "too much")));
        assertThat(alice.order()).containsExactly("send Refuse", "finish");
        assertThat(alice.outcome())
                .contains(
                        new SessionOutcome.Refused(
                                request.sessionId(), alice.self(), "LIMIT", "too much", false));
    }

    @Test
    void approvalOfOtherMessagesIsARefusal() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new Decision.Approved(alice.fixture.request(1, 1).messages())));
        assertThat(alice.outcome())
                .get()
                .isInstanceOfSatisfying(
                        SessionOutcome.Refused.class,
                        r -> assertThat(r.code()).isEqualTo("MESSAGES_DIFFER"));
        assertThat(alice.recorder.generated()).isZero();
    }

    @Test
    void refusalOfAnotherEndsTheSession() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        assertThat(alice.order()).containsExactly("append Ended", "finish");
        assertThat(alice.outcome())
                .contains(
                        new SessionOutcome.Refused(
                                request.sessionId(), alice.member(2), "NO", "no", false));
    }

    @Test
    void attestationOfAnotherKeyAbortsTheSession() {
        SigningRequest request = alice.approvedRequest(1);
        KeyAttestation wrong = alice.fixture.owner(2).attest(alice.member(1));
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Ready(wrong, TestJournals.NO_ENTRY)));
        assertThat(alice.aborted().code()).isEqualTo("BAD_VOUCH");
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(1));
    }

    @Test
    void attestationThatIsOverAbortsTheSessionAndConvictsNobody() {
        alice.now = GroupFixture.NOW.plus(Duration.ofDays(30));
        SigningRequest request =
                alice.fixture.request(1, 1, alice.now, alice.now.plus(Duration.ofMinutes(30)));
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.approve(request);
        alice.receive(alice.ready(1, request, 1));
        assertThat(alice.aborted().code()).isEqualTo("BAD_VOUCH");
        assertThat(alice.aborted().culprits()).isEmpty();
        assertThat(alice.aborted().observed()).containsExactly(alice.member(1));
    }

    // --- rounds

    @Test
    void noncesAreMadeOnlyWhenEverySignerIsReady() {
        SigningRequest request = alice.approvedRequest(2);
        alice.receive(alice.ready(1, request, 1));
        assertThat(alice.recorder.generated()).isZero();
        alice.receive(alice.ready(2, request, 1));
        assertThat(alice.recorder.generated()).isEqualTo(2);
        assertThat(alice.sent(Contribution.Nonces.class)).isPresent();
    }

    @Test
    void noncesBeforeTheApprovalAndPartialsBeforeTheNoncesAreDropped() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.receive(alice.nonces(1, request, 1));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(1);
        alice.approve(request);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Partials(List.of(OneEngine.NO_HASH), OneEngine.NO_HASH)));
        assertThat(dropped(1, DropReason.OUT_OF_PHASE)).isEqualTo(2);
    }

    @Test
    void partialSignaturesAreSentOnlyAfterTheirJournalEntry() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        assertThat(alice.order()).containsExactly("append Sign", "send Partials");
        Statement partials = alice.sent(Contribution.Partials.class).orElseThrow();
        assertThat(alice.journal.getLast())
                .isInstanceOfSatisfying(
                        JournalRecord.Sign.class,
                        sign -> {
                            assertThat(sign.mustForce()).isTrue();
                            assertThat(sign.ownPartials()).isEqualTo(partials.envelope());
                            assertThat(sign.messages())
                                    .containsExactly(request.messages().getFirst().hash());
                            assertThat(sign.nonceEnvelopes())
                                    .isEqualTo(nonces.stream().map(Statement::envelope).toList());
                            assertThat(sign.aggregateNonces()).hasSize(1);
                            assertThat(sign.nonceSetHash())
                                    .isEqualTo(
                                            NonceSetHash.of(
                                                    nonces.stream()
                                                            .map(Statement::payload)
                                                            .toList()));
                        });
    }

    @Test
    void allPartialSignaturesMakeVerifiedSignaturesThatAreJournaledBeforeTheyAreReported() {
        SigningRequest request = alice.approvedRequest(2);
        List<Statement> nonces = toPartials(request);
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(alice.order()).containsExactly("append Final", "finish");
        assertThat(alice.outcome())
                .get()
                .isInstanceOfSatisfying(
                        SessionOutcome.Signed.class,
                        signed -> {
                            for (int m = 0; m < 2; m++) {
                                assertThat(
                                                Schnorr.verify(
                                                        alice.keys(request).get(m).xOnlyKey(),
                                                        request.messages().get(m).hash().toArray(),
                                                        signed.signatures().get(m)))
                                        .isTrue();
                            }
                        });
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(alice.engine.liveSessions()).isEmpty();
    }

    @Test
    void wrongPartialSignatureAbortsWithEvidenceAgainstItsSigner() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        Statement good = alice.partials(1, request, 1, nonces);
        Contribution.Partials body = (Contribution.Partials) good.contribution().body();
        byte[] changed = body.partials().getFirst().toArray();
        changed[31] ^= 1;
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Partials(
                                List.of(Bytes.wrap(changed)), body.nonceSetHash())));
        assertThat(alice.aborted().code()).isEqualTo("BAD_PARTIAL");
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(1));
        provenAgainst(1);
        assertThat(alice.recorder.unwiped()).isZero();
    }

    private void provenAgainst(int signer) {
        Bytes file =
                alice.last().stream()
                        .filter(EngineOutput.SaveEvidence.class::isInstance)
                        .map(output -> ((EngineOutput.SaveEvidence) output).content())
                        .findFirst()
                        .orElseThrow();
        assertThat(Evidence.verify(file))
                .isInstanceOfSatisfying(
                        Verdict.Guilty.class, g -> assertThat(g.signer()).isEqualTo(signer));
    }

    @Test
    void partialSignatureForOtherNoncesIsNotVerifiedButNonceSetsAreSent() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = toPartials(request);
        List<Statement> others = List.of(nonces.get(0), nonces.get(1), alice.nonces(2, request, 1));
        alice.receive(alice.partials(1, request, 1, others));
        assertThat(alice.order()).containsExactly("send NonceSet");
        assertThat(alice.outcome()).isEmpty();
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.NonceSet(
                                others.stream().map(Statement::envelope).toList(),
                                alice.fixture.attestations())));
        assertThat(alice.aborted().code()).isEqualTo("EQUIVOCATION");
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(2));
        provenAgainst(2);
    }

    @Test
    void equalMessageForOneSlotIsDroppedAndADifferentOneIsEquivocation() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        alice.receive(alice.ready(1, request, 1));
        assertThat(dropped(1, DropReason.DUPLICATE)).isEqualTo(1);
        assertThat(alice.outcome()).isEmpty();
        alice.receive(alice.ready(1, request, 1, OneEngine.head(2)));
        assertThat(alice.aborted().code()).isEqualTo("EQUIVOCATION");
        provenAgainst(1);
    }

    @Test
    void malformedNoncesAbortTheSession() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Nonces(
                                List.of(Bytes.wrap(new byte[66])), OneEngine.head(1))));
        assertThat(alice.aborted().code()).isEqualTo("BAD_CONTRIBUTION");
        assertThat(alice.aborted().reason()).endsWith("sent malformed public nonces");
    }

    // --- final signatures of others

    @Test
    void finalThatDoesNotVerifyIsDropped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(Bytes.wrap(new byte[64])))));
        assertThat(dropped(1, DropReason.BAD_FINAL)).isEqualTo(1);
        assertThat(alice.outcome()).isEmpty();
        assertThat(alice.engine.liveSessions()).hasSize(1);
    }

    @Test
    void finalThatVerifiesEndsTheSession() {
        SigningRequest request = alice.approvedRequest(1);
        SchnorrSignature signature = signedByAll(request);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        assertThat(alice.order()).containsExactly("append Final", "finish");
        assertThat(alice.outcome())
                .contains(new SessionOutcome.Signed(request.sessionId(), List.of(signature)));
    }

    /// The signature that the three keys make without the engine.
    private SchnorrSignature signedByAll(SigningRequest request) {
        MusigRounds[] rounds = new MusigRounds[3];
        List<List<Bytes>> nonces = new java.util.ArrayList<>();
        for (int i = 0; i < 3; i++) {
            GroupFixture.Owner owner = alice.fixture.owner(i);
            rounds[i] = new MusigRounds(alice.signer(owner), request, 1, i, 3);
            nonces.add(rounds[i].makeNonces(alice.keys(request)));
        }
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                if (i != j) {
                    assertThat(rounds[i].addNonces(j, nonces.get(j))).isTrue();
                }
            }
        }
        List<List<Bytes>> partials = new java.util.ArrayList<>();
        for (MusigRounds each : rounds) {
            partials.add(each.sign());
        }
        assertThat(rounds[0].verify(alice.member(1), partials.get(1)))
                .isEqualTo(MusigRounds.Check.VALID);
        assertThat(rounds[0].verify(alice.member(2), partials.get(2)))
                .isEqualTo(MusigRounds.Check.VALID);
        return rounds[0].aggregate().orElseThrow().getFirst();
    }

    @Test
    void signerThatAsksAfterCompletionGetsTheStoredSignatures() {
        SigningRequest request = alice.approvedRequest(1);
        SchnorrSignature signature = signedByAll(request);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        alice.receive(alice.ready(2, request, 1));
        assertThat(alice.sentTo(2)).hasSize(1);
        assertThat(alice.sentTo(1)).isEmpty();
        alice.receive(
                alice.sign(
                        2,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        assertThat(alice.sentTo(2)).as("finished nodes do not answer each other").isEmpty();
    }

    // --- time

    @Test
    void undecidedApprovalIsRefusedAtTheDeadline() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.tickAfter(READINESS.minusMillis(1));
        assertThat(alice.outcome()).isEmpty();
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(alice.order()).containsExactly("send Refuse", "finish");
    }

    @Test
    void signerThatIsNotReadyInTimeIsBlamed() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        alice.tickAfter(READINESS);
        assertThat(alice.aborted().code()).isEqualTo("NO_ANSWER");
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(2));
        assertThat(alice.aborted().evidence()).isEmpty();
    }

    @Test
    void halfwayToTheDeadlineMissingMessagesAreRequested() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        alice.tickAfter(READINESS.dividedBy(2));
        assertThat(
                        alice.sent(Contribution.RetransmissionRequest.class)
                                .orElseThrow()
                                .contribution()
                                .body())
                .isEqualTo(
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of(2)));
        assertThat(alice.sentTo(2)).as("the request and this node's Ready").hasSize(2);
        alice.tickAfter(Duration.ZERO);
        assertThat(alice.last()).as("once").isEmpty();
    }

    @Test
    void retransmissionRequestIsAnsweredWithTheMessagesThatAreHere() {
        SigningRequest request = alice.approvedRequest(1);
        Statement bobs = alice.ready(1, request, 1);
        alice.receive(bobs);
        Contribution.RetransmissionRequest wanted =
                new Contribution.RetransmissionRequest(Contribution.Phase.READY, List.of(0, 1, 2));
        alice.receive(alice.sign(2, request.sessionId(), 1, wanted));
        assertThat(alice.sentTo(2)).hasSize(2).contains(bobs.envelope());
        alice.receive(alice.sign(2, request.sessionId(), 2, wanted));
        assertThat(alice.sentTo(2)).isEmpty();
        assertThat(dropped(2, DropReason.STALE_ATTEMPT)).isEqualTo(1);
    }

    @Test
    void attemptWithoutAllNoncesFailsAndItsNoncesAreWiped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        assertThat(alice.recorder.unwiped()).isEqualTo(1);
        alice.tickAfter(NONCES);
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(alice.order()).containsExactly("append Ready", "send Ready");
        assertThat(alice.sent(Contribution.Ready.class).orElseThrow().contribution().attempt())
                .isEqualTo(2);
        assertThat(alice.events(SessionEvent.AttemptFailed.class))
                .singleElement()
                .satisfies(failed ->
                        assertThat(failed.holdouts())
                                .containsExactly(alice.member(1), alice.member(2)));
    }

    @Test
    void messagesOfAFailedAttemptAreDropped() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        Statement late = alice.nonces(1, request, 1);
        alice.tickAfter(NONCES);
        alice.receive(late);
        assertThat(dropped(1, DropReason.STALE_ATTEMPT)).isEqualTo(1);
    }

    @Test
    void attemptsAreBounded() {
        SigningRequest request = alice.approvedRequest(1);
        for (int number = 1; number <= alice.limits.attempts().failed(); number++) {
            assertThat(alice.outcome()).isEmpty();
            alice.receive(alice.ready(1, request, number));
            alice.receive(alice.ready(2, request, number));
            alice.tickAfter(NONCES);
        }
        assertThat(alice.aborted().code()).isEqualTo("ATTEMPTS_EXHAUSTED");
        assertThat(alice.recorder.unwiped()).isZero();
    }

    @Test
    void sessionEndsWhenItsRequestExpires() {
        SigningRequest request =
                alice.fixture.request(
                        1, 1, GroupFixture.NOW, GroupFixture.NOW.plus(Duration.ofSeconds(8)));
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.approve(request);
        assertThat(alice.engine.nextDeadline().orElseThrow()).isBeforeOrEqualTo(request.expires());
        alice.now = request.expires();
        alice.handle(new EngineInput.Tick());
        assertThat(alice.aborted().code()).isEqualTo("EXPIRED");
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(1), alice.member(2));
    }

    @Test
    void expiredRequestOpensNoSession() {
        SigningRequest request =
                alice.fixture.request(1, 1, GroupFixture.NOW.minusSeconds(60), GroupFixture.NOW);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        assertThat(alice.engine.liveSessions()).isEmpty();
        assertThat(alice.order()).isEmpty();
        assertThat(dropped(1, DropReason.EXPIRED)).isEqualTo(1);
    }

    @Test
    void memberWithoutTheReadyOfAnAttemptStillFollowsAHigherOne() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 3));
        assertThat(alice.engine.liveSessions().getFirst().attempt()).isEqualTo(3);
        assertThat(alice.order()).containsExactly("append Ready", "send Ready");
    }

    @Test
    void wipingLeavesNoSecretNonce() {
        alice.toNonces(alice.approvedRequest(2));
        assertThat(alice.recorder.unwiped()).isEqualTo(2);
        alice.engine.wipe();
        assertThat(alice.recorder.unwiped()).isZero();
    }

    // --- two processes with one identity

    @Test
    void messagesOfTwoProcessesAreNotEquivocation() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.receive(alice.nonces(1, request, 1));
        GroupFixture.Owner copy = alice.fixture.owner(1).restarted();
        Contribution.Nonces other =
                new Contribution.Nonces(
                        List.of(
                                alice.rounds(1, request)
                                        .makeNonces(alice.keys(request))
                                        .getFirst()),
                        OneEngine.head(1));
        alice.receive(copy.envelopeSigner().sign(request.sessionId(), 1, other));
        assertThat(alice.outcome()).as("the session goes on").isEmpty();
        assertThat(alice.engine.dropped(alice.member(1), DropReason.OTHER_PROCESS)).isEqualTo(1);
        alice.receive(alice.sign(1, request.sessionId(), 1, other));
        assertThat(alice.aborted().code()).as("of one process they are").isEqualTo("EQUIVOCATION");
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(1));
    }

    @Test
    void nonceSetOfACopyBlamesNobody() {
        SigningRequest request = alice.approvedRequest(1);
        List<Statement> nonces = allNonces(request, alice.toNonces(request));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        List<Statement> others =
                List.of(
                        nonces.get(0),
                        nonces.get(1),
                        alice.nonces(2, request, 1, OneEngine.head(7)));
        Statement signedForOthers = alice.partials(1, request, 1, others);
        Contribution.NonceSet set =
                new Contribution.NonceSet(
                        nonces.stream().map(Statement::envelope).toList(),
                        alice.fixture.attestations());
        GroupFixture.Owner copy = alice.fixture.owner(1).restarted();
        alice.receive(copy.envelopeSigner().sign(request.sessionId(), 1, set));
        alice.receive(signedForOthers);
        assertThat(alice.outcome()).as("the session goes on").isEmpty();
        assertThat(alice.engine.dropped(alice.member(1), DropReason.OTHER_PROCESS))
                .isGreaterThanOrEqualTo(1);
        alice.receive(alice.sign(1, request.sessionId(), 1, set));
        assertThat(alice.aborted().code()).as("of one process it is").isEqualTo("BAD_VIEW");
        assertThat(alice.aborted().culprits()).containsExactly(alice.member(1));
    }

    // --- aborts of others

    @Test
    void abortOfAnotherEndsTheSessionAndBlamesNobody() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Abort("BAD_PARTIAL", List.of(2), "carol cheated")));
        assertThat(alice.aborted().by()).isEqualTo(alice.member(1));
        assertThat(Named.by(alice.aborted())).isEmpty();
        assertThat(alice.aborted().claimed()).containsExactly(alice.member(2));
    }

    @Test
    void proofInAnAbortIsCheckedByThisNode() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(2, request, 1));
        Statement other = alice.ready(2, request, 1, OneEngine.head(9));
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Abort(
                                "EQUIVOCATION",
                                List.of(2),
                                "carol cheated",
                                List.of(other.envelope()))));
        assertThat(alice.aborted().by()).isEqualTo(alice.self());
        assertThat(Named.by(alice.aborted())).containsExactly(alice.member(2));
        provenAgainst(2);
    }

    @Test
    void proofOfAnotherSessionOrAttemptIsIgnored() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(2, request, 1));
        SigningRequest elsewhere = alice.fixture.request(1, 1);
        List<Bytes> proof =
                List.of(
                        alice.ready(2, elsewhere, 1, OneEngine.head(9)).envelope(),
                        alice.ready(2, request, 2, OneEngine.head(9)).envelope());
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Abort("EQUIVOCATION", List.of(2), "", proof)));
        assertThat(alice.aborted().by()).isEqualTo(alice.member(1));
        assertThat(Named.by(alice.aborted())).isEmpty();
    }

    // --- stopping and restarting

    @Test
    void shutdownWipesNoncesAndLeavesTheSessionForTheNextStart() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        assertThat(alice.recorder.unwiped()).isEqualTo(1);
        alice.handle(new EngineInput.Shutdown());
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(alice.order()).as("no journal entry, no message").containsExactly("finish");
        assertThat(alice.aborted().code()).isEqualTo("SHUTTING_DOWN");
    }

    @Test
    void failedJournalWipesNoncesAndStopsSigning() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        alice.handle(new EngineInput.JournalFailed("disk full"));
        assertThat(alice.recorder.unwiped()).isZero();
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(alice.fixture.request(1, 1)));
        assertThat(alice.order()).containsExactly("send Refuse");
        assertThat(dropped(1, DropReason.JOURNAL_FAILED)).isEqualTo(1);
    }

    @Test
    void restartedSessionTakesTheNextAttemptAndSendsOnlyTheStoredPartialSignatures() {
        SigningRequest request = alice.approvedRequest(1);
        toPartials(request);
        Statement partials = alice.sent(Contribution.Partials.class).orElseThrow();
        alice.restart();
        assertThat(alice.order()).containsExactly("append Ready", "send Ready");
        assertThat(alice.sent(Contribution.Ready.class).orElseThrow().contribution().attempt())
                .isEqualTo(2);
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).contains(partials.envelope());
        assertThat(alice.recorder.signatures()).isEqualTo(1);
    }

    @Test
    void restartReportsSignaturesAgainAndSignsNothing() {
        SigningRequest request = alice.approvedRequest(1);
        SchnorrSignature signature = signedByAll(request);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        alice.restart();
        assertThat(alice.order()).containsExactly("finish");
        assertThat(alice.events(SessionEvent.Signed.class)).hasSize(2);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        assertThat(dropped(1, DropReason.SESSION_OVER)).isEqualTo(1);
    }

    @Test
    void secretNoncesAreWipedHoweverTheSessionEnds() {
        SigningRequest request = alice.approvedRequest(1);
        SchnorrSignature signature = signedByAll(request);
        alice.toNonces(request);
        assertThat(alice.recorder.unwiped()).isEqualTo(1);
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        assertThat(alice.outcome()).containsInstanceOf(SessionOutcome.Signed.class);
        assertThat(alice.recorder.unwiped()).isZero();
        for (Contribution.Body end :
                List.of(
                        new Contribution.Refuse("NO", "no"),
                        new Contribution.Abort("X", List.of(), "x"))) {
            SigningRequest next = alice.approvedRequest(1);
            alice.toNonces(next);
            assertThat(alice.recorder.unwiped()).isEqualTo(1);
            alice.receive(alice.sign(1, next.sessionId(), 1, end));
            assertThat(alice.order()).containsExactly("append Ended", "finish");
            assertThat(alice.recorder.unwiped()).isZero();
        }
        assertThat(alice.events(SessionEvent.Aborted.class)).hasSize(1);
    }

    /// No partial signature of this node's left: whoever has the signature has cheated.
    @Test
    void sessionThatEndedBeforeItsPartialSignaturesLearnsNothing() {
        SigningRequest request = alice.fixture.request(1, 1);
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new Decision.Approved(
                                request.messages(),
                                new Hold(Set.of(OneEngine.NO_HASH), OneEngine.NO_HASH))));
        SchnorrSignature signature = signedByAll(request);
        alice.receive(alice.sign(1, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        alice.receive(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        assertThat(alice.events(SessionEvent.Signed.class)).isEmpty();
    }
}
