package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
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

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A member whose journal was lost goes on with a new one: SAFETY 34, from both sides, and against
/// members that cheat it. All cases need one lost journal. Mallory is honest here, but for what her
/// tests say.
class RecoveryTest extends GroupWithMallory {
    private static final Bytes COIN = Bytes.fromHex("c0");
    private static final Bytes OTHER_COIN = Bytes.fromHex("c1");

    RecoveryTest() {
        super(97);
    }

    /// A request's context names its coin, and its purpose what it does.
    private static Hold holdOf(SigningRequest request) {
        return request.context().isEmpty()
                ? Hold.NONE
                : new Hold(Set.of(request.context()), request.context());
    }

    @BeforeEach
    void holdWhatTheContextNames() {
        for (SimNode node : sim.nodes) {
            node.approval = request -> new Decision.Approved(request.messages(), holdOf(request));
            node.holdOf = RecoveryTest::holdOf;
        }
    }

    private SigningRequest request(SimNode requester, Bytes coin) {
        return request(requester, coin, Bytes.EMPTY);
    }

    private SigningRequest request(SimNode requester, Bytes coin, Bytes key) {
        return RequestCodec.create(
                RequestGroup.of(sim.group),
                requester.member.peerId(),
                sim.random32(),
                sim.now,
                new SigningRequestDraft(
                        List.of(new MessageToSign(sim.random32(), KeyTweak.none())),
                        "test",
                        coin,
                        key,
                        Duration.ofMinutes(30)));
    }

    private SessionId ask(SimNode requester, Bytes coin) {
        return ask(requester, request(requester, coin));
    }

    private SessionId ask(SimNode requester, SigningRequest request) {
        requester.handle(new EngineInput.LocalRequest(request));
        sim.settle();
        return request.sessionId();
    }

    private void requireSigned(SessionId id) {
        assertThat(sim.outcome(0, id)).containsInstanceOf(SessionOutcome.Signed.class);
    }

    private String refusal(SimNode node, SessionId id) {
        return node.outcomes.get(id) instanceof SessionOutcome.Refused refused
                ? refused.code()
                : String.valueOf(node.outcomes.get(id));
    }

    private void loses(SimNode node) {
        node.loseJournal(false);
        node.start();
        sim.settle();
    }

    private void consents(SimNode node, SimNode to) {
        node.handle(new EngineInput.Consent(to.index(), to.journal()));
        sim.settle();
    }

    private void restarts(SimNode node) {
        MemoryJournalFiles written = node.file.backup();
        node.die();
        node.file = written;
        node.start();
        sim.settle();
    }

    private static boolean isRecovered(SimNode node) {
        return node.engine().recoveryStatus().isEmpty();
    }

    private <T> List<T> events(SimNode node, Class<T> type) {
        return node.events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /// As time passes, hellos are answered and heads count.
    private void waitForHeads() {
        sim.now = sim.now.plus(Presence.CHALLENGE_PAUSE);
        sim.nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        sim.settle();
        sim.now = sim.now.plus(PeerHeads.SETTLES);
        sim.nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        sim.settle();
    }

    @Test
    void nothingIsSignedBeforeAllHaveConsentedAndWhatWasSignedIsHeldAfterwards()
            throws IOException {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        assertThat(mallory.stopped).as("shown her earlier journal").isEmpty();
        assertThat(events(alice, SessionEvent.RecoveryAsked.class))
                .singleElement()
                .satisfies(asked -> {
                    assertThat(asked.member()).isEqualTo(mallory.member);
                    assertThat(asked.journal()).isEqualTo(mallory.journal());
                });
        assertThat(refusal(alice, ask(alice, OTHER_COIN))).isEqualTo("RECOVERING");
        assertThat(refusal(mallory, ask(mallory, OTHER_COIN))).isEqualTo("RECOVERING");
        consents(alice, mallory);
        assertThat(isRecovered(mallory)).isFalse();
        assertThat(refusal(bob, ask(bob, OTHER_COIN))).isEqualTo("RECOVERING");
        assertThat(mallory.engine().recoveryStatus().orElseThrow().consented())
                .containsExactly(alice.member);
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isTrue();
        assertThat(events(mallory, SessionEvent.Recovered.class)).hasSize(1);
        assertThat(TestJournals.records(mallory.file))
                .as("a restart does not ask again")
                .contains(
                        new JournalRecord.HandedOver(alice.index()),
                        new JournalRecord.HandedOver(bob.index()),
                        new JournalRecord.Recovered());
        assertThat(mallory.engine().isHeld(COIN)).isTrue();
        assertThat(refusal(mallory, ask(mallory, COIN))).isEqualTo("CONFLICTING_SESSION");
        requireSigned(ask(alice, OTHER_COIN));
        assertThat(sim.watch.signatures()).isEqualTo(6);
    }

    @Test
    void whatIsHandedOverIsToldToTheOwnerOfTheHoldsWithItsSignatures() {
        SessionId id = ask(alice, COIN);
        loses(mallory);
        mallory.holds.clear();
        consents(alice, mallory);
        assertThat(mallory.holds)
                .extracting(EngineOutput.HoldChanged::change)
                .containsExactly(
                        EngineOutput.HoldChanged.Change.COMMITTED,
                        EngineOutput.HoldChanged.Change.SIGNED);
        assertThat(mallory.holds.getFirst().request().sessionId()).isEqualTo(id);
        assertThat(events(mallory, SessionEvent.Signed.class)).isNotEmpty();
        consents(bob, mallory);
        restarts(mallory);
        assertThat(isRecovered(mallory)).isTrue();
        assertThat(mallory.engine().isHeld(COIN)).isTrue();
    }

    /// Bob withholds his partial signatures: the others do not know whether it is signed.
    private SessionId askAndLeaveUnknown() {
        return askAndLeaveUnknown(COIN);
    }

    private SessionId askAndLeaveUnknown(Bytes coin) {
        sim.tamper(
                bob,
                (to, message) ->
                        message instanceof Inbound.Statement statement
                                        && (statement.contribution().body()
                                                        instanceof Contribution.Partials
                                                || statement.contribution().body()
                                                        instanceof Contribution.Final)
                                ? List.of()
                                : List.of(message.envelope()));
        SessionId id = ask(alice, coin);
        sim.now = sim.now.plus(Duration.ofMinutes(31));
        sim.nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        sim.settle();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Aborted.class);
        return id;
    }

    @Test
    void whatMayBeSignedIsHeldAndItsSignaturesAreLearnedLater() {
        SessionId id = askAndLeaveUnknown();
        Inbound.Statement partialsOfBob =
                sim.said(bob).stream()
                        .filter(s -> s.contribution().body() instanceof Contribution.Partials)
                        .toList()
                        .getLast();
        loses(mallory);
        consents(alice, mallory);
        assertThat(mallory.engine().isHeld(COIN)).isTrue();
        assertThat(mallory.holds.getLast().change())
                .isEqualTo(EngineOutput.HoldChanged.Change.UNKNOWN);
        // Her own partial signatures came back from alice, so bob's complete them.
        mallory.handle(new EngineInput.Received(partialsOfBob));
        assertThat(mallory.holds.getLast().change())
                .isEqualTo(EngineOutput.HoldChanged.Change.SIGNED);
        assertThat(mallory.holds.getLast().request().sessionId()).isEqualTo(id);
    }

    @Test
    void signaturesThatOneMemberHasAreLearnedFromIt() {
        askAndLeaveUnknown();
        loses(mallory);
        consents(alice, mallory);
        // Bob has all partial signatures.
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isTrue();
        assertThat(mallory.holds.getLast().change())
                .isEqualTo(EngineOutput.HoldChanged.Change.SIGNED);
    }

    @Test
    void keysOfSettledPaymentsStayTaken() {
        Bytes key = Bytes.fromHex("4b");
        SessionId id = ask(alice, request(alice, COIN, key));
        sim.nodes.forEach(node -> node.handle(new EngineInput.Settle(id, Bytes.EMPTY)));
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isTrue();
        assertThat(mallory.engine().isHeld(COIN)).isFalse();
        for (SimNode other : List.of(alice, bob)) {
            restarts(other);
        }
        SessionId again = ask(alice, request(alice, COIN, key));
        assertThat(mallory.engine().liveSessions()).isEmpty();
        assertThat(refusal(mallory, again)).isEqualTo("ALREADY_DONE");
        restarts(mallory);
        assertThat(refusal(mallory, ask(alice, request(alice, OTHER_COIN, key))))
                .isEqualTo("KEY_IN_USE");
    }

    /// SAFETY 30: its own wall clock, which may be far ahead, frees no key that another still has.
    @Test
    void keysAreTakenWhateverTheWallClockOfTheRecoveringNodeSays() {
        Bytes key = Bytes.fromHex("4b");
        SessionId id = ask(alice, request(alice, COIN, key));
        sim.nodes.forEach(node -> node.handle(new EngineInput.Settle(id, Bytes.EMPTY)));
        sim.now = sim.now.plus(HoldRegistry.KEY_KEPT).plusSeconds(1);
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isTrue();
        SessionId again = ask(alice, request(alice, COIN, key));
        assertThat(refusal(mallory, again)).isEqualTo("ALREADY_DONE");
    }

    @Test
    void itGoesOnWhereverAnyOfThemIsRestarted() {
        for (int i = 0; i < 3 * HandOver.MAX_SESSIONS; i++) {
            requireSigned(ask(alice, Bytes.fromHex("%04x".formatted(i))));
        }
        loses(mallory);
        consents(alice, mallory);
        assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver())
                .containsExactly(alice.member);
        restarts(mallory);
        assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver())
                .containsExactly(alice.member);
        bob.handle(new EngineInput.Consent(mallory.index(), mallory.journal()));
        for (int i = 0; i < 12; i++) {
            sim.step();
        }
        restarts(bob);
        restarts(mallory);
        sim.settle();
        assertThat(isRecovered(mallory)).isTrue();
        for (int i = 0; i < 3 * HandOver.MAX_SESSIONS; i++) {
            assertThat(mallory.engine().isHeld(Bytes.fromHex("%04x".formatted(i)))).isTrue();
        }
        requireSigned(ask(alice, COIN));
    }

    /// The machine loses power while what was handed over is written: any number of whole entries
    /// may be there.
    @Test
    void whatACrashCutsOffIsHandedOverAgain() {
        SessionId unknown = askAndLeaveUnknown(OTHER_COIN);
        sim.tamper(bob, (_, message) -> List.of(message.envelope()));
        requireSigned(ask(alice, COIN)); // It has not expired.
        loses(mallory);
        consents(alice, mallory);
        List<JournalRecord> records =
                mallory.records().stream()
                        .filter(record -> !(record instanceof JournalRecord.SnapshotEnd))
                        .toList();
        assertThat(records)
                .filteredOn(JournalRecord.Sign.class::isInstance)
                .extracting(record -> ((JournalRecord.Sign) record).session())
                .contains(unknown);
        for (int kept = 1; kept <= records.size(); kept++) {
            mallory.die();
            mallory.file = new MemoryJournalFiles(true);
            records.subList(0, kept).forEach(mallory::append);
            mallory.start();
            sim.settle();
            assertThat(mallory.engine().liveSessions()).as("%s entries", kept).isEmpty();
            assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver())
                    .as("%s entries", kept)
                    .containsExactly(alice.member);
            for (Bytes coin : List.of(COIN, OTHER_COIN)) {
                assertThat(mallory.engine().isHeld(coin)).as("%s entries", kept).isTrue();
            }
            restarts(mallory);
            for (Bytes coin : List.of(COIN, OTHER_COIN)) {
                assertThat(mallory.engine().isHeld(coin)).as("%s entries", kept).isTrue();
            }
        }
    }

    @Test
    void questionThatGotNoAnswerIsAskedAgain() {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        consents(alice, mallory);
        sim.tamper(
                bob,
                (_, message) ->
                        message instanceof Inbound.HandedOver
                                ? List.of()
                                : List.of(message.envelope()));
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isFalse();
        sim.tamper(bob, (_, message) -> List.of(message.envelope()));
        sim.now = sim.now.plus(Recovery.ASK_AGAIN);
        mallory.handle(new EngineInput.Tick());
        sim.settle();
        assertThat(isRecovered(mallory)).isTrue();
    }

    @Test
    void consentThatWasLostIsSentAgainWhenItsStreamIsOpen() {
        loses(mallory);
        consents(alice, mallory);
        sim.tamper(
                bob,
                (_, message) ->
                        message instanceof Inbound.Consented
                                ? List.of()
                                : List.of(message.envelope()));
        consents(bob, mallory);
        assertThat(isRecovered(mallory)).isFalse();
        sim.tamper(bob, (_, message) -> List.of(message.envelope()));
        // Only his stream was closed: she says no hello.
        bob.handle(new EngineInput.PeerConnected(mallory.index()));
        sim.settle();
        assertThat(isRecovered(mallory)).isTrue();
    }

    /// Her node is as it was before this rule: it refuses nothing.
    private void malloryDoesNotRefuse() {
        sim.tamper(
                mallory,
                (_, message) ->
                        message instanceof Inbound.Statement statement
                                        && statement.contribution().body()
                                                instanceof Contribution.Refuse
                                ? List.of()
                                : List.of(message.envelope()));
    }

    @Test
    void consentEndsSessionsSoThatNothingIsSignedWhileItIsHandedOver() {
        mallory.approval = _ -> null;
        SessionId waiting = ask(alice, COIN);
        malloryDoesNotRefuse();
        loses(mallory);
        assertThat(bob.engine().liveSessions()).hasSize(1);
        consents(bob, mallory);
        assertThat(bob.engine().liveSessions()).isEmpty();
        assertThat(bob.outcomes.get(waiting))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("RECOVERING");
                            assertThat(aborted.observed()).containsExactly(mallory.member);
                            assertThat(aborted.culprits()).isEmpty();
                        });
        assertThat(sim.watch.generated()).isZero();
    }

    @Test
    void nobodyIsReadyWhileAMemberIsRecovering() {
        malloryDoesNotRefuse();
        loses(mallory);
        SessionId id = ask(alice, COIN);
        sim.run();
        for (SimNode node : sim.nodes) {
            assertThat(sim.said(node))
                    .noneMatch(s ->
                            s.contribution().session().equals(id)
                                    && s.contribution().body() instanceof Contribution.Ready);
        }
        assertThat(alice.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> assertThat(aborted.code()).isEqualTo("RECOVERING"));
    }

    /// The statement with the highest head of this node's journal.
    private Inbound.Statement headOf(SimNode node) {
        return sim.said(node).stream()
                .filter(s -> s.contribution().body() instanceof Contribution.WithHead)
                .toList()
                .getLast();
    }

    @Test
    void headOfAnEarlierJournalThatIsShownAfterTheRecoverySaysNothing() {
        requireSigned(ask(alice, COIN));
        waitForHeads();
        Inbound.Statement earlier = headOf(mallory);
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        mallory.handle(new EngineInput.Received(sim.hello(bob, Optional.of(earlier))));
        assertThat(mallory.stopped).isEmpty();
        restarts(mallory);
        mallory.handle(new EngineInput.Received(sim.hello(bob, Optional.of(earlier))));
        assertThat(mallory.stopped).isEmpty();
        requireSigned(ask(alice, OTHER_COIN));
    }

    @Test
    void whoHasConsentedDoesNotShowTheEarlierHeadAfterARestart() {
        requireSigned(ask(alice, COIN));
        waitForHeads();
        loses(mallory);
        consents(alice, mallory);
        List<Inbound.Greeting> greetings = new ArrayList<>();
        sim.tamper(
                alice,
                (to, message) -> {
                    if (message instanceof Inbound.Greeting greeting && to == mallory.index()) {
                        greetings.add(greeting);
                    }
                    return List.of(message.envelope());
                });
        sim.breakLink(alice, mallory);
        sim.settle();
        restarts(alice);
        assertThat(greetings)
                .hasSizeGreaterThan(1)
                .allSatisfy(greeting -> assertThat(greeting.remembered()).isEmpty());
    }

    @Test
    void journalThatIsAcceptedAgainCountsAgain() {
        List<Bytes> journals = List.of(sim.random32().slice(0, 16), sim.random32().slice(0, 16));
        for (Bytes journal : List.of(journals.get(0), journals.get(1), journals.get(0))) {
            alice.handle(
                    new EngineInput.Received(
                            mallory.envelopeSigner()
                                    .greet(
                                            Optional.empty(),
                                            1,
                                            mallory.signer().agree(GroupFixture.TERMS),
                                            false,
                                            journal)));
            alice.handle(new EngineInput.Consent(mallory.index(), journal));
        }
        Recovery recovery = alice.engine().recovery();
        assertThat(recovery.isReplaced(mallory.index(), headOfNothing(journals.get(0)))).isFalse();
        assertThat(recovery.isReplaced(mallory.index(), headOfNothing(journals.get(1)))).isTrue();
        restarts(alice);
        recovery = alice.engine().recovery();
        assertThat(recovery.isReplaced(mallory.index(), headOfNothing(journals.get(0)))).isFalse();
        assertThat(recovery.isReplaced(mallory.index(), headOfNothing(journals.get(1)))).isTrue();
    }

    @Test
    void headsOfTheEarlierJournalCountNoMoreAndOneWhoComesBackWithItSignsNothing() {
        requireSigned(ask(alice, COIN));
        waitForHeads();
        MemoryJournalFiles earlier = mallory.file.backup();
        Bytes earlierId = mallory.journal();
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        restarts(alice);
        restarts(mallory);
        assertThat(mallory.stopped).isEmpty();
        assertThat(
                        alice.engine()
                                .recovery()
                                .isReplaced(
                                        mallory.index(),
                                        new JournalHead(earlierId, 1, sim.random32())))
                .isTrue();
        mallory.die();
        mallory.file = earlier;
        mallory.start();
        sim.settle();
        int before = sim.watch.signatures();
        SessionId id = ask(alice, OTHER_COIN);
        sim.run();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Aborted.class);
        assertThat(alice.engine().dropped(mallory.member, DropReason.REPLACED_JOURNAL))
                .isPositive();
        assertThat(sim.watch.signatures()).isEqualTo(before);
        sim.nodes.forEach(node -> assertThat(node.evidence).isEmpty());
    }

    @Test
    void journalThatWasReplacedAfterTheRecoveryIsRefused() {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        MemoryJournalFiles second = mallory.file.backup();
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        requireSigned(ask(alice, OTHER_COIN));
        waitForHeads();
        mallory.die();
        mallory.file = second;
        mallory.start();
        sim.settle();
        assertThat(mallory.stopped).isEqualTo("JOURNAL_WENT_BACK");
    }

    @Test
    void ifAllHaveLostTheirJournalsTheOperatorHasToSaySo() {
        requireSigned(ask(alice, COIN));
        sim.nodes.forEach(node -> node.loseJournal(false));
        sim.nodes.forEach(SimNode::start);
        sim.settle();
        for (SimNode one : sim.nodes) {
            for (SimNode other : sim.nodes) {
                if (!one.equals(other)) {
                    consents(one, other);
                }
            }
        }
        for (SimNode node : sim.nodes) {
            assertThat(isRecovered(node)).isFalse();
            assertThat(node.engine().recoveryStatus().orElseThrow().nobodyRemembers()).isTrue();
            assertThat(events(node, SessionEvent.NobodyRemembers.class)).hasSize(1);
        }
        // Each operator knows.
        for (SimNode node : sim.nodes) {
            MemoryJournalFiles written = node.file.backup();
            node.die();
            node.file = written;
            node.append(new JournalRecord.Recovering(true));
            node.start();
            sim.settle();
        }
        sim.nodes.forEach(node -> assertThat(isRecovered(node)).isTrue());
        requireSigned(ask(alice, OTHER_COIN));
    }

    @Test
    void twoWhoHaveLostTheirsRecoverFromTheThird() {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        loses(bob);
        consents(bob, mallory);
        consents(mallory, bob);
        consents(alice, mallory);
        consents(alice, bob);
        for (SimNode node : List.of(bob, mallory)) {
            assertThat(isRecovered(node)).isTrue();
            assertThat(node.engine().isHeld(COIN)).isTrue();
        }
        requireSigned(ask(alice, OTHER_COIN));
    }

    @Test
    void consentIsGivenToTheJournalThatIsAskedForAndOnce() {
        loses(mallory);
        alice.handle(new EngineInput.Consent(mallory.index(), sim.random32().slice(0, 16)));
        alice.handle(new EngineInput.Consent(bob.index(), bob.journal()));
        sim.settle();
        assertThat(mallory.engine().recoveryStatus().orElseThrow().consented()).isEmpty();
        consents(alice, mallory);
        consents(alice, mallory);
        assertThat(events(alice, SessionEvent.RecoveryConsented.class)).hasSize(1);
        assertThat(alice.engine().memberStates().get(mallory.index()).consented()).isTrue();
        assertThat(alice.engine().memberStates().get(mallory.index()).newJournal())
                .contains(mallory.journal());
    }

    // --- members that cheat one whose journal was lost

    private JournalRecord.Consent consentOf(SimNode signer, Bytes journal) {
        return signer.signer()
                .consent(
                        signer.index(),
                        mallory.index(),
                        journal,
                        Optional.empty(),
                        false,
                        List.of());
    }

    private void receives(Inbound message) {
        mallory.handle(new EngineInput.Received(message));
        sim.settle();
    }

    @Test
    void consentToAnotherJournalOrMemberOrOfAnotherKeyIsNone() {
        loses(mallory);
        JournalRecord.Consent good = consentOf(bob, mallory.journal());
        List<JournalRecord.Consent> bad = new ArrayList<>();
        bad.add(consentOf(bob, sim.random32().slice(0, 16)));
        bad.add(
                bob.signer()
                        .consent(
                                bob.index(),
                                alice.index(),
                                mallory.journal(),
                                Optional.empty(),
                                false,
                                List.of()));
        bad.add(
                new JournalRecord.Consent(
                        bob.index(),
                        mallory.index(),
                        mallory.journal(),
                        Optional.empty(),
                        true,
                        List.of(),
                        good.signature()));
        for (JournalRecord.Consent consent : bad) {
            receives(bob.envelopeSigner().consent(consent));
        }
        assertThat(mallory.engine().recoveryStatus().orElseThrow().consented()).isEmpty();
        assertThat(mallory.engine().dropped(bob.member, DropReason.BAD_CONSENT)).isEqualTo(3);
        receives(bob.envelopeSigner().consent(good));
        assertThat(mallory.engine().recoveryStatus().orElseThrow().consented())
                .as("after so many bad ones none is verified")
                .isEmpty();
        receives(alice.envelopeSigner().consent(consentOf(alice, mallory.journal())));
        assertThat(mallory.engine().recoveryStatus().orElseThrow().consented())
                .containsExactly(alice.member);
    }

    private HandOver part(
            boolean last, Bytes through, List<HandOver.Session> sessions, List<HandOver.Key> keys) {
        return new HandOver(
                sim.group.id(),
                bob.index(),
                mallory.journal(),
                Bytes.EMPTY,
                through,
                last,
                sessions,
                keys);
    }

    private void handsOver(HandOver part) {
        Inbound message = sim.open(bob.envelopeSigner().handOver(part));
        Inbound.HandedOver handedOver = (Inbound.HandedOver) message;
        mallory.handle(
                new EngineInput.HandedOver(
                        handedOver,
                        handedOver.sessions().stream()
                                .map(session -> holdOf(session.request().request()))
                                .toList()));
    }

    /// Bob has consented, and what he hands over is the test's.
    private void bobConsentsAndHandsOverNothing() {
        loses(mallory);
        sim.tamper(
                bob,
                (_, message) ->
                        message instanceof Inbound.HandedOver
                                ? List.of()
                                : List.of(message.envelope()));
        consents(bob, mallory);
    }

    @Test
    void sessionWithoutAProofThatSheTookPartIsNotHeld() {
        bobConsentsAndHandsOverNothing();
        SigningRequest invented = request(bob, COIN);
        Bytes envelope = bob.envelopeSigner().sign(invented).envelope();
        Bytes noncesOfBob =
                bob.envelopeSigner()
                        .sign(
                                invented.sessionId(),
                                1,
                                new Contribution.Nonces(
                                        List.of(Bytes.wrap(new byte[66])),
                                        headOfNothing(bob.journal())))
                        .envelope();
        List<HandOver.Session> sessions =
                List.of(
                        new HandOver.Session(envelope, List.of(noncesOfBob), List.of(), List.of()),
                        new HandOver.Session(
                                envelope, List.of(), List.of(), List.of(Bytes.wrap(new byte[64]))));
        handsOver(part(true, invented.sessionId().bytes(), sessions, List.of()));
        assertThat(mallory.engine().isHeld(COIN)).isFalse();
        assertThat(mallory.engine().dropped(bob.member, DropReason.BAD_HAND_OVER)).isEqualTo(2);
        assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver())
                .containsExactly(bob.member);
    }

    private JournalHead headOfNothing(Bytes journal) {
        return JournalHead.start(journal, sim.group.id());
    }

    @Test
    void partThatWasNotAskedForIsDropped() {
        bobConsentsAndHandsOverNothing();
        Bytes through = Bytes.fromHex("11".repeat(32));
        HandOver.Key key =
                new HandOver.Key(through, 0, COIN, COIN, sim.now.plusSeconds(60).toEpochMilli());
        handsOver(part(false, through, List.of(), List.of(key)));
        handsOver(part(true, through, List.of(), List.of()));
        assertThat(mallory.engine().dropped(bob.member, DropReason.DUPLICATE)).isEqualTo(1);
        assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver()).isEmpty();
    }

    @Test
    void partThatDoesNotGoOnEndsNothingAndKeysAreBounded() {
        bobConsentsAndHandsOverNothing();
        handsOver(part(false, Bytes.EMPTY, List.of(), List.of()));
        handsOver(part(false, Bytes.fromHex("22".repeat(32)), List.of(), List.of()));
        assertThat(mallory.engine().dropped(bob.member, DropReason.BAD_HAND_OVER)).isEqualTo(2);
        List<Inbound> asked = new ArrayList<>();
        sim.tamper(
                mallory,
                (_, message) -> {
                    if (message instanceof Inbound.HandOverAsked) {
                        asked.add(message);
                    }
                    return List.of(message.envelope());
                });
        sim.now = sim.now.plus(Recovery.ASK_AGAIN);
        mallory.handle(new EngineInput.Tick());
        assertThat(asked).as("he is not asked again").isEmpty();
        bobConsentsAndHandsOverNothing();
        int most = sim.limits.held().keysPerRequester();
        Instant free = sim.now.plus(Duration.ofDays(365));
        Bytes position = Bytes.EMPTY;
        for (int i = 0; i < most + HandOver.MAX_KEYS; i += HandOver.MAX_KEYS) {
            List<HandOver.Key> keys = new ArrayList<>();
            Bytes through = position;
            for (int k = i; k < i + HandOver.MAX_KEYS; k++) {
                through = Bytes.fromHex("%064x".formatted(k + 1));
                keys.add(
                        new HandOver.Key(
                                through, 0, through.slice(28, 32), COIN, free.toEpochMilli()));
            }
            handsOver(
                    new HandOver(
                            sim.group.id(),
                            bob.index(),
                            mallory.journal(),
                            position,
                            through,
                            false,
                            List.of(),
                            keys));
            position = through;
        }
        assertThat(mallory.engine().dropped(bob.member, DropReason.BAD_HAND_OVER)).isGreaterThan(1);
        // Nobody's key is kept from him for longer than his own node would.
        long settled =
                mallory.records().stream()
                        .filter(JournalRecord.Settled.class::isInstance)
                        .map(JournalRecord.Settled.class::cast)
                        .peek(one ->
                                assertThat(one.keyFreeAt())
                                        .isBeforeOrEqualTo(sim.now.plus(HoldRegistry.KEY_KEPT)))
                        .count();
        assertThat(settled).isEqualTo(most);
    }

    @Test
    void moreThanAnHonestMemberHoldsIsNotTaken() {
        SigningLimits.Held held = new SigningLimits.Held(2, 1 << 20, 10);
        try (SimGroup small = new SimGroup(2, 5, SigningLimits.DEFAULT.with(held), true)) {
            SimNode one = small.node(0);
            SimNode two = small.node(1);
            two.loseJournal(false);
            two.start();
            small.settle();
            small.tamper(
                    one,
                    (_, message) ->
                            message instanceof Inbound.HandedOver
                                    ? List.of()
                                    : List.of(message.envelope()));
            one.handle(new EngineInput.Consent(two.index(), two.journal()));
            small.settle();
            Bytes position = Bytes.EMPTY;
            for (int i = 1; i <= 30; i++) {
                Bytes through = Bytes.fromHex("%064x".formatted(i));
                HandOver.Key key =
                        new HandOver.Key(
                                through,
                                0,
                                COIN,
                                COIN,
                                small.now.plus(Duration.ofDays(1)).toEpochMilli());
                HandOver part =
                        new HandOver(
                                small.group.id(),
                                one.index(),
                                two.journal(),
                                position,
                                through,
                                false,
                                List.of(),
                                List.of(key));
                two.handle(
                        new EngineInput.HandedOver(
                                (Inbound.HandedOver)
                                        small.open(one.envelopeSigner().handOver(part)),
                                List.of()));
                position = through;
            }
            // Two holds, and ten keys of each of two requesters.
            assertThat(two.engine().dropped(one.member, DropReason.BAD_HAND_OVER)).isEqualTo(1);
            assertThat(two.engine().dropped(one.member, DropReason.DUPLICATE)).isEqualTo(7);
            assertThat(two.engine().recoveryStatus().orElseThrow().handedOver()).isEmpty();
        }
    }

    @Test
    void whatDoesNotFitIsNotForgottenBecauseNothingOfItIsTaken() {
        bobConsentsAndHandsOverNothing();
        List<HandOver.Session> sessions = new ArrayList<>();
        int most = sim.limits.held().sessions();
        Bytes position = Bytes.EMPTY;
        for (int i = 0; i <= most; i++) {
            SigningRequest earlier = request(bob, Bytes.fromHex("%04x".formatted(i)));
            Bytes nonces =
                    mallory.envelopeSigner()
                            .sign(
                                    earlier.sessionId(),
                                    1,
                                    new Contribution.Nonces(
                                            List.of(Bytes.wrap(new byte[66])),
                                            headOfNothing(mallory.journal())))
                            .envelope();
            sessions.add(
                    new HandOver.Session(
                            bob.envelopeSigner().sign(earlier).envelope(),
                            List.of(nonces),
                            List.of(),
                            List.of()));
            if (sessions.size() == HandOver.MAX_SESSIONS || i == most) {
                Bytes through = Bytes.fromHex("%064x".formatted(i + 1));
                handsOver(
                        new HandOver(
                                sim.group.id(),
                                bob.index(),
                                mallory.journal(),
                                position,
                                through,
                                i == most,
                                sessions,
                                List.of()));
                sessions.clear();
                position = through;
            }
        }
        assertThat(mallory.engine().isHeld(Bytes.fromHex("%04x".formatted(most - 1)))).isTrue();
        assertThat(mallory.engine().isHeld(Bytes.fromHex("%04x".formatted(most)))).isFalse();
        assertThat(mallory.engine().dropped(bob.member, DropReason.BAD_HAND_OVER)).isEqualTo(1);
        assertThat(mallory.engine().recoveryStatus().orElseThrow().handedOver()).isEmpty();
    }

    @Test
    void questionsForPartsAreAnsweredABoundedNumberOfTimes() {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        sim.tamper(alice, (_, _) -> List.of());
        consents(alice, mallory);
        Inbound asked = mallory.envelopeSigner().askForHandOver(mallory.journal(), Bytes.EMPTY);
        for (int i = 0; i < 1_000; i++) {
            alice.handle(new EngineInput.Received(asked));
        }
        assertThat(alice.engine().dropped(mallory.member, DropReason.TOO_MANY_ANSWERS))
                .isGreaterThan(700);
    }

    /// She had signed nothing yet that alice remembers.
    @Test
    void earlierJournalOfWhichNothingIsRememberedCountsNoMoreEither() {
        MemoryJournalFiles earlier = mallory.file.backup();
        loses(mallory);
        consents(alice, mallory);
        consents(bob, mallory);
        mallory.die();
        mallory.restore(earlier);
        mallory.start();
        sim.settle();
        SessionId id = ask(alice, COIN);
        sim.run();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Aborted.class);
        assertThat(sim.watch.signatures()).isZero();
        assertThat(sim.watch.unwiped(alice.member.signingKey())).isZero();
        assertThat(alice.engine().dropped(mallory.member, DropReason.REPLACED_JOURNAL))
                .isPositive();
    }

    @Test
    void nobodyIsHandedOverWhatHeWasNotConsentedTo() {
        requireSigned(ask(alice, COIN));
        loses(mallory);
        Inbound asked = mallory.envelopeSigner().askForHandOver(mallory.journal(), Bytes.EMPTY);
        int before = sim.sent();
        alice.handle(new EngineInput.Received(asked));
        assertThat(sim.sent()).isEqualTo(before);
        assertThat(alice.engine().dropped(mallory.member, DropReason.OUT_OF_PHASE)).isEqualTo(1);
    }

    @Test
    void memberThatNamesOneJournalAfterTheOtherIsToldABoundedNumberOfTimes() {
        for (int i = 0; i < 100; i++) {
            Bytes journal = sim.random32().slice(0, 16);
            alice.handle(
                    new EngineInput.Received(
                            mallory.envelopeSigner()
                                    .greet(
                                            Optional.empty(),
                                            1,
                                            mallory.signer().agree(GroupFixture.TERMS),
                                            false,
                                            journal)));
            sim.now = sim.now.plus(Duration.ofSeconds(1));
        }
        assertThat(events(alice, SessionEvent.RecoveryAsked.class)).hasSizeBetween(1, 16);
    }
}
