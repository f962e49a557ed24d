package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.signing.session.SessionEvent;

import java.util.List;
import java.util.Optional;

/// What one engine does when another member's journal was lost, and what it knows of its own after
/// a restart: message by message.
class RecoveryOfAnotherTest {
    private static final Bytes LOST = TestJournals.ID;
    private static final Bytes NEW = Bytes.fromHex("11".repeat(16));
    private static final Bytes NEWER = Bytes.fromHex("22".repeat(16));

    private final OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    /// A hello of the member, which may not use this journal yet; empty if it may.
    private void hello(int member, Bytes recovering) {
        alice.receive(
                alice.fixture
                        .owner(member)
                        .envelopeSigner()
                        .greet(
                                Optional.empty(),
                                1,
                                alice.fixture.terms(member, GroupFixture.TERMS),
                                false,
                                recovering));
    }

    private void consent(int member, Bytes journal) {
        alice.handle(new EngineInput.Consent(member, journal));
    }

    private JournalRecord.Consent lastConsent() {
        return alice.journal.reversed().stream()
                .filter(JournalRecord.Consent.class::isInstance)
                .map(JournalRecord.Consent.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private SigningRequest approved() {
        SigningRequest request = alice.fixture.request(2, 1);
        alice.receive(alice.fixture.owner(2).envelopeSigner().sign(request));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages())));
        return request;
    }

    @Test
    void memberThatAsksIsWaitedForUntilItAsksNoMore() {
        assertThat(alice.engine.recovery().recovering()).isEmpty();
        hello(1, NEW);
        assertThat(alice.engine.recovery().recovering()).containsExactly(alice.member(1));
        assertThat(alice.engine.recovery().askedFor(1)).contains(NEW);
        approved();
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        hello(1, NEW);
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        hello(1, Bytes.EMPTY);
        assertThat(alice.sent(Contribution.Ready.class)).isPresent();
        assertThat(alice.engine.recovery().recovering()).isEmpty();
        assertThat(alice.engine.recovery().askedFor(1)).isEmpty();
    }

    @Test
    void consentIsSentAtEachHelloThatAsksForThatJournalAndAtNoOther() {
        hello(1, NEW);
        assertThat(alice.sentTo(1)).as("the answer").hasSize(1);
        consent(1, NEW);
        assertThat(alice.order()).containsExactly("append Consent");
        assertThat(alice.sentTo(1)).hasSize(1);
        Bytes consent = alice.sentTo(1).getFirst();
        hello(1, NEW);
        assertThat(alice.sentTo(1)).hasSize(2);
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).as("with the hello").hasSize(2);
        hello(1, NEWER);
        assertThat(alice.sentTo(1)).hasSize(1).doesNotContain(consent);
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(alice.sentTo(1)).hasSize(1).doesNotContain(consent);
        hello(1, Bytes.EMPTY);
        assertThat(alice.sentTo(1)).hasSize(1).doesNotContain(consent);
        assertThat(alice.events(SessionEvent.RecoveryAsked.class))
                .extracting(SessionEvent.RecoveryAsked::journal)
                .containsExactly(NEW, NEWER);
    }

    @Test
    void consentThatWasGivenEndsNothingASecondTime() {
        hello(1, NEW);
        assertThat(alice.engine.recovery().consent(1, Bytes.EMPTY)).isFalse();
        assertThat(alice.engine.recovery().consent(1, NEWER)).isFalse();
        assertThat(alice.engine.recovery().consent(2, NEW)).isFalse();
        assertThat(alice.engine.recovery().consent(1, NEW)).isTrue();
        assertThat(alice.engine.recovery().consent(1, NEW)).isFalse();
        assertThat(alice.engine.recovery().mayHandOver(1, NEW)).isTrue();
        assertThat(alice.engine.recovery().mayHandOver(1, NEWER)).isFalse();
        assertThat(alice.engine.recovery().mayHandOver(2, NEW)).isFalse();
    }

    /// So that this engine remembers a head of the journal of signer 1.
    private void rememberHead() {
        SigningRequest request = alice.fixture.request(1, 1);
        Statement nonces =
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Nonces(
                                List.of(), TestJournals.head(7, Bytes.wrap(new byte[32]))));
        alice.journal.add(
                new JournalRecord.Sign(
                        request.sessionId(),
                        1,
                        List.of(),
                        List.of(nonces.envelope()),
                        List.of(),
                        Bytes.EMPTY,
                        Bytes.EMPTY));
        alice.restart();
    }

    @Test
    void consentNamesTheHeadOfTheJournalThatWasLostAndLaterThoseThatWereReplacedToo() {
        rememberHead();
        hello(1, NEW);
        consent(1, NEW);
        assertThat(lastConsent().oldHead().map(JournalHead::journal)).contains(LOST);
        assertThat(lastConsent().replaced()).isEmpty();
        hello(1, NEWER);
        consent(1, NEWER);
        assertThat(lastConsent().oldHead()).as("it counts no more").isEmpty();
        assertThat(lastConsent().replaced()).containsExactlyInAnyOrder(LOST, NEW);
    }

    /// Bob states a head before he answers; what happens meanwhile, and the head of his that is
    /// remembered then.
    private Optional<JournalHead> headThatWaited(Runnable meanwhile) {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1, OneEngine.head(7)));
        meanwhile.run();
        alice.handle(new EngineInput.PeerConnected(1));
        Bytes boot = alice.fixture.owner(0).envelopeSigner().boot();
        alice.receive(alice.fixture.owner(1).envelopeSigner().answer(0, boot, 1));
        alice.tickAfter(Presence.LONGEST_PAUSE);
        alice.now = alice.now.plus(PeerHeads.SETTLES);
        hello(1, NEWER);
        consent(1, NEWER);
        return lastConsent().oldHead();
    }

    @Test
    void headThatWaitedForAnAnswerCounts() {
        assertThat(headThatWaited(() -> {})).contains(OneEngine.head(7));
    }

    @Test
    void headThatWaitedForAnAnswerCountsNoMoreIfItsJournalWasReplacedMeanwhile() {
        assertThat(
                        headThatWaited(() -> {
                            hello(1, NEW);
                            consent(1, NEW);
                        }))
                .isEmpty();
    }

    @Test
    void headOfTheJournalThatIsConsentedToIsNoOldOne() {
        rememberHead();
        hello(1, LOST);
        consent(1, LOST);
        assertThat(lastConsent().oldHead()).isEmpty();
    }

    private static JournalRecord.Consent consent(int signer, int member) {
        return new JournalRecord.Consent(
                signer, member, NEW, Optional.empty(), false, List.of(), Bytes.wrap(new byte[64]));
    }

    /// A group has three members here; a damaged journal could name more.
    @Test
    void whatWasWrittenOfARecoveryIsKnownAfterARestart() {
        alice.journal.add(new JournalRecord.Recovering(false));
        for (int other : new int[] {1, 3, 4}) {
            alice.journal.add(consent(other, 0));
            alice.journal.add(consent(0, other));
            alice.journal.add(new JournalRecord.HandedOver(other));
        }
        alice.restart();
        RecoveryStatus status = alice.engine.recoveryStatus().orElseThrow();
        assertThat(status.consented()).containsExactly(alice.member(1));
        assertThat(status.handedOver()).containsExactly(alice.member(1));
        assertThat(alice.engine.recovery().recovering()).containsExactly(alice.self());
        assertThat(alice.engine.recovery().mayHandOver(1, NEW)).isTrue();
    }
}
