package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.engine.EngineOutput.HoldChanged.Change;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Once this node's partial signatures have left, its session may be signed without it: expiry,
/// aborts and restarts stop signing, never learning, and free nothing.
class LearningTest {
    private static final Bytes COIN = Bytes.fromHex("c0ffee");
    private static final Hold HOLD = new Hold(Set.of(COIN), Bytes.fromHex("aa"));

    private final OneEngine alice = new OneEngine();
    private final List<Statement> nonces = new ArrayList<>();

    @AfterEach
    void close() {
        alice.close();
    }

    private SigningRequest approved() {
        return approved(alice.fixture.request(1, 1));
    }

    private SigningRequest approved(SigningRequest request) {
        alice.receive(alice.fixture.owner(1).envelopeSigner().sign(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), HOLD)));
        return request;
    }

    /// A request of another message each time.
    private SigningRequest withKey(String key) {
        SigningRequest like = alice.fixture.request(1, 1);
        return RequestCodec.create(
                like.group(),
                like.requester(),
                like.salt(),
                like.created(),
                new SigningRequestDraft(
                        like.messages(),
                        like.purpose(),
                        like.context(),
                        Bytes.wrap(key.getBytes(StandardCharsets.US_ASCII)),
                        Duration.between(like.created(), like.expires())));
    }

    /// Alice has sent her partial signature, and has those of nobody.
    private SigningRequest signedByAlice() {
        return signedByAlice(approved());
    }

    private SigningRequest signedByAlice(SigningRequest request) {
        Statement own = alice.toNonces(request);
        nonces.addAll(List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1)));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        assertThat(alice.sent(Contribution.Partials.class)).isPresent();
        return request;
    }

    private void expires() {
        alice.tickAfter(Duration.ofHours(2));
        assertThat(alice.outcome().orElseThrow().partialsLeft()).isTrue();
        assertThat(alice.outcome().orElseThrow()).isInstanceOf(SessionOutcome.Aborted.class);
    }

    private List<Change> changes() {
        return alice.all.stream()
                .filter(EngineOutput.HoldChanged.class::isInstance)
                .map(output -> ((EngineOutput.HoldChanged) output).change())
                .toList();
    }

    private void isLearned(SigningRequest request) {
        assertThat(alice.events(SessionEvent.Signed.class))
                .singleElement()
                .satisfies(signed -> assertThat(signed.request()).isEqualTo(request));
        assertThat(changes()).endsWith(Change.SIGNED);
        assertThat(alice.engine.isHeld(COIN)).as("until it is settled").isTrue();
        assertThat(alice.journal.getLast())
                .as("so that a start knows it too")
                .isInstanceOf(JournalRecord.Final.class);
        alice.receive(alice.ready(2, request, 1));
        assertThat(alice.sentTo(2)).as("who still works on it is answered").hasSize(1);
    }

    @Test
    void lifeOfAHoldIsToldInItsOrder() {
        SigningRequest request = signedByAlice();
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(changes()).containsExactly(Change.RESERVED, Change.COMMITTED, Change.SIGNED);
        assertThat(alice.engine.isHeld(COIN)).isTrue();
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        assertThat(changes()).endsWith(Change.SETTLED);
        assertThat(alice.engine.isHeld(COIN)).isFalse();
    }

    @Test
    void sessionThatEndsBeforeItsPartialSignaturesReleasesItsHold() {
        SigningRequest request = approved();
        alice.receive(alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        assertThat(changes()).containsExactly(Change.RESERVED, Change.RELEASED);
        assertThat(alice.engine.isHeld(COIN)).isFalse();
        assertThat(alice.outcome().orElseThrow().partialsLeft()).isFalse();
    }

    @Test
    void refusalAfterOnesPartialSignaturesReleasesNothing() {
        SigningRequest request = signedByAlice();
        alice.receive(alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        assertThat(changes()).endsWith(Change.UNKNOWN);
        assertThat(alice.engine.isHeld(COIN)).isTrue();
        assertThat(alice.outcome().orElseThrow().partialsLeft()).isTrue();
    }

    @Test
    void partialSignaturesThatComeAfterExpiryCompleteTheSession() {
        SigningRequest request = signedByAlice();
        expires();
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.now = alice.now.plus(Duration.ofDays(400));
        alice.receive(alice.partials(2, request, 1, nonces));
        isLearned(request);
    }

    @Test
    void latePartialSignaturesThatAreNotValidAreVerifiedAFewTimesOnly() {
        SigningRequest request = signedByAlice();
        expires();
        Statement good = alice.partials(1, request, 1, nonces);
        Bytes hash = NonceSetHash.of(nonces.stream().map(Statement::payload).toList());
        for (int i = 0; i < Session.MAX_BAD_LATE_PARTIALS; i++) {
            Bytes bad =
                    Bytes.concat(Bytes.wrap(new byte[31]), Bytes.wrap(new byte[] {(byte) (i + 1)}));
            alice.receive(
                    alice.sign(
                            1,
                            request.sessionId(),
                            1,
                            new Contribution.Partials(List.of(bad), hash)));
        }
        assertThat(alice.engine.dropped(alice.member(1), DropReason.BAD_LATE_PARTIALS))
                .isEqualTo(Session.MAX_BAD_LATE_PARTIALS);
        alice.receive(good);
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(alice.events(SessionEvent.Signed.class)).as("hers is not looked at").isEmpty();
        assertThat(alice.engine.dropped(alice.member(1), DropReason.TOO_MANY_ANSWERS)).isEqualTo(1);
    }

    @Test
    void signaturesThatComeAfterExpiryAreTaken() {
        SigningRequest request = signedByAlice();
        expires();
        SchnorrSignature signature = completed(request);
        Contribution.Final forged = new Contribution.Final(List.of(Bytes.wrap(new byte[64])));
        alice.receive(alice.sign(2, request.sessionId(), 1, forged));
        assertThat(alice.events(SessionEvent.Signed.class)).isEmpty();
        alice.receive(
                alice.sign(
                        2,
                        request.sessionId(),
                        1,
                        new Contribution.Final(List.of(signature.bytes()))));
        isLearned(request);
    }

    /// What the others make of all three partial signatures.
    private SchnorrSignature completed(SigningRequest request) {
        OneEngine.Others others = alice.others(request, nonces);
        return others.aggregate(alice.ownPartials());
    }

    @Test
    void sessionIsLearnedAfterARestartLongAfterItsExpiry() {
        SigningRequest request = signedByAlice();
        expires();
        alice.now = alice.now.plus(Duration.ofDays(3));
        alice.restart();
        assertThat(changes()).endsWith(Change.COMMITTED, Change.UNKNOWN);
        assertThat(alice.engine.isHeld(COIN)).isTrue();
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        isLearned(request);
    }

    @Test
    void signedSessionIsToldAgainAtEveryStartUntilItIsSettled() {
        SigningRequest request = signedByAlice();
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        for (int start = 0; start < 3; start++) {
            alice.now = alice.now.plus(Duration.ofDays(30));
            alice.restart();
            assertThat(changes()).endsWith(Change.COMMITTED, Change.SIGNED);
            assertThat(alice.engine.isHeld(COIN)).isTrue();
        }
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        int told = changes().size();
        alice.restart();
        assertThat(changes()).hasSize(told);
        assertThat(alice.engine.isHeld(COIN)).isFalse();
    }

    @Test
    void sessionThatGoesOnAfterARestartAsksItsApprovalAgain() {
        SigningRequest request = approved();
        List<EngineOutput> outputs = alice.restart();
        assertThat(outputs)
                .anyMatch(output ->
                        output instanceof EngineOutput.AskApproval ask
                                && ask.request().equals(request));
        assertThat(alice.order()).doesNotContain("send Ready");
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Refused("LIMIT", "a stricter policy")));
        assertThat(alice.outcome().orElseThrow()).isInstanceOf(SessionOutcome.Refused.class);
        assertThat(alice.recorder.generated()).isZero();
        assertThat(alice.engine.isHeld(COIN)).isFalse();
    }

    @Test
    void sessionWhosePartialSignaturesLeftGoesOnWithoutAsking() {
        signedByAlice();
        List<EngineOutput> outputs = alice.restart();
        assertThat(outputs).noneMatch(EngineOutput.AskApproval.class::isInstance);
        assertThat(alice.order()).contains("send Ready");
    }

    @Test
    void partialSignaturesThatCouldNotBeWrittenAreSentToNobodyLater() {
        SigningRequest request = signedByAlice();
        // In the same batch as the disk's failure, the session has ended already.
        alice.receive(alice.sign(1, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        alice.handle(new EngineInput.JournalFailed("the disk is full"));
        alice.handle(new EngineInput.PeerConnected(2));
        assertThat(alice.sentTo(2)).as("the greeting alone").hasSize(1);
    }

    @Test
    void idempotencyKeyIsRememberedAcrossARestart() {
        // See HoldRegistryTest for the rules; here, that the journal has what they need.
        SigningRequest request = signedByAlice(approved(withKey("rent")));
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
        alice.restart();
        SigningRequest again = approved(withKey("rent"));
        assertThat(alice.outcome())
                .hasValueSatisfying(outcome ->
                        assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        SessionOutcome.Refused.class,
                                        refused -> {
                                            assertThat(refused.sessionId())
                                                    .isEqualTo(again.sessionId());
                                            assertThat(refused.code()).isEqualTo("ALREADY_DONE");
                                        }));
        assertThat(alice.engine.isHeld(COIN)).isFalse();
    }
}
