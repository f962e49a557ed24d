package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Challenge;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Two processes with one identity, and processes that are started again, which are not. Who is
/// connected to whom is set by each test: a copy need not be connected to the same members as the
/// original.
class CopyTest {
    private final GroupFixture fixture = new GroupFixture(3, 77);
    private final NonceRecorder recorder = new NonceRecorder();
    private final List<NodeProcess> all = new ArrayList<>();
    private final ArrayDeque<Runnable> network = new ArrayDeque<>();
    private Instant now = GroupFixture.NOW;
    private int boots;

    @AfterEach
    void close() {
        fixture.close();
    }

    /// A node's process, connected to some others by streams that lose nothing.
    private final class NodeProcess {
        final GroupFixture.Owner owner;
        final SessionEngine engine;
        final List<JournalRecord> journal;
        final List<NodeProcess> connected = new ArrayList<>();
        final List<SessionEvent> events = new ArrayList<>();
        final Map<String, SessionOutcome> outcomes = new HashMap<>();
        String stopped = "";
        boolean frozen;

        NodeProcess(int member, List<JournalRecord> journal) {
            GroupFixture.Owner signer = fixture.owner(member);
            Bytes boot = Bytes.fromHex("%032x".formatted(++boots));
            this.owner =
                    new GroupFixture.Owner(
                            signer.member(), signer.identity(), signer.key(), signer.group(), boot);
            this.journal = new ArrayList<>(journal);
            this.journal.add(new JournalRecord.Started(boot));
            JournalReplay replay =
                    new JournalReplay(
                            fixture.group,
                            SigningLimits.DEFAULT,
                            TestJournals.state(
                                    SigningLimits.DEFAULT, now, fixture.group.id(), this.journal));
            JournalHead head = TestJournals.head(fixture.group.id(), this.journal);
            this.engine =
                    new SessionEngine(
                            new EngineConfig(
                                    fixture.group,
                                    owner.envelopeSigner(),
                                    recorder.watch(
                                            new KeySigner(
                                                    owner.key(),
                                                    RequestGroup.of(fixture.group),
                                                    member().peerId(),
                                                    fixture.random)),
                                    SessionTimeouts.DEFAULT,
                                    SigningLimits.DEFAULT,
                                    GroupFixture.TERMS,
                                    Path.of("evidence"),
                                    Set.of()),
                            head,
                            replay);
            all.add(this);
            perform(engine.restore(replay, now));
        }

        @Override
        public String toString() {
            return "process " + owner.boot() + " of " + member();
        }

        Member member() {
            return owner.member();
        }

        void handle(EngineInput input) {
            if (all.contains(this) && !frozen) {
                perform(engine.handle(input, now));
            }
        }

        private void perform(List<EngineOutput> outputs) {
            for (EngineOutput output : outputs) {
                switch (output) {
                    // A link is one stream, on the connection that was opened first.
                    case EngineOutput.Send(int to, Bytes envelope) ->
                            with(to).stream().limit(1).forEach(peer -> send(peer, envelope));
                    case EngineOutput.SendToAllConnections(int to, Bytes envelope) ->
                            with(to).forEach(peer -> send(peer, envelope));
                    case EngineOutput.Broadcast(Bytes envelope) -> {
                        for (int i = 0; i < 3; i++) {
                            with(i).stream().limit(1).forEach(peer -> send(peer, envelope));
                        }
                    }
                    case EngineOutput.Append(JournalRecord record) -> journal.add(record);
                    case EngineOutput.AskApproval ask ->
                            network.add(() ->
                                    handle(
                                            new EngineInput.Decided(
                                                    ask.request().sessionId(),
                                                    new Decision.Approved(
                                                            ask.request().messages()))));
                    case EngineOutput.Emit(SessionEvent event) -> events.add(event);
                    case EngineOutput.Finish(SessionOutcome outcome) ->
                            outcomes.put(outcome.sessionId().toString(), outcome);
                    case EngineOutput.CannotSign(String code, String _) -> stopped = code;
                    case EngineOutput.HandOver _ ->
                            throw new AssertionError("nobody has lost a journal here");
                    case EngineOutput.SaveEvidence _, EngineOutput.HoldChanged _ -> {}
                }
            }
        }

        private List<NodeProcess> with(int member) {
            return connected.stream().filter(peer -> peer.member().index() == member).toList();
        }

        private void send(NodeProcess to, Bytes envelope) {
            NodeProcess from = this;
            network.add(() -> to.handle(new EngineInput.Received(open(envelope, from))));
        }

        void exit() {
            all.remove(this);
            for (NodeProcess peer : List.copyOf(connected)) {
                peer.connected.remove(this);
                // The link goes on to another connection, if there is one.
                if (!peer.with(member().index()).isEmpty()) {
                    network.add(() -> peer.handle(new EngineInput.PeerConnected(member().index())));
                }
            }
        }

        MemberState state(int member) {
            return engine.memberStates().get(member);
        }

        <T extends SessionEvent> List<T> events(Class<T> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    private static Inbound open(Bytes envelope, NodeProcess from) {
        try {
            return new EnvelopeVerifier(GroupTable.of(from.owner.group()), SigningLimits.DEFAULT)
                    .verify(envelope, from.member().peerId());
        } catch (WireException e) {
            throw new AssertionError("an honest node sent an invalid message", e);
        }
    }

    private void connect(NodeProcess a, NodeProcess b) {
        boolean first = a.with(b.member().index()).isEmpty();
        boolean firstBack = b.with(a.member().index()).isEmpty();
        a.connected.add(b);
        b.connected.add(a);
        if (first) {
            network.add(() -> a.handle(new EngineInput.PeerConnected(b.member().index())));
        }
        if (firstBack) {
            network.add(() -> b.handle(new EngineInput.PeerConnected(a.member().index())));
        }
        settle();
    }

    private void settle() {
        while (!network.isEmpty()) {
            network.remove().run();
        }
    }

    private void pass(Duration time) {
        Instant end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(250);
            List.copyOf(all).forEach(process -> process.handle(new EngineInput.Tick()));
            settle();
        }
    }

    private NodeProcess start(int member) {
        return new NodeProcess(member, List.of());
    }

    private NodeProcess copyOf(NodeProcess original) {
        return new NodeProcess(original.member().index(), original.journal);
    }

    /// All connected to all.
    private List<NodeProcess> startAll() {
        List<NodeProcess> group = List.of(start(0), start(1), start(2));
        connect(group.get(0), group.get(1));
        connect(group.get(0), group.get(2));
        connect(group.get(1), group.get(2));
        pass(Duration.ofSeconds(3));
        return group;
    }

    private SigningRequest request(int requester) {
        Bytes hash = fixture.random(32);
        return fixture.request(
                requester,
                now,
                now.plus(Duration.ofMinutes(30)),
                List.of(new MessageToSign(hash, KeyTweak.none())));
    }

    private String ask(NodeProcess requester) {
        SigningRequest request = request(requester.member().index());
        requester.handle(new EngineInput.LocalRequest(request));
        settle();
        return request.sessionId().toString();
    }

    private static Optional<SessionOutcome> outcome(NodeProcess process, String session) {
        return Optional.ofNullable(process.outcomes.get(session));
    }

    private void requireNoCopies(List<NodeProcess> group) {
        for (NodeProcess process : group) {
            assertThat(process.events(SessionEvent.CopyFound.class)).isEmpty();
        }
    }

    @Test
    void copyIsFoundByAllAndByBothOfTheTwoAndNobodySignsUntilOneIsGone() {
        List<NodeProcess> group = startAll();
        NodeProcess alice = group.get(0);
        NodeProcess copy = copyOf(alice);
        connect(copy, group.get(1));
        connect(copy, group.get(2));
        pass(Duration.ofSeconds(2));
        for (NodeProcess process : List.of(alice, copy, group.get(1), group.get(2))) {
            assertThat(process.events(SessionEvent.CopyFound.class))
                    .extracting(SessionEvent.CopyFound::member)
                    .containsExactly(alice.member());
            assertThat(process.state(0).copied()).isTrue();
        }
        String session = ask(group.get(1));
        pass(SessionTimeouts.DEFAULT.readiness().plusSeconds(1));
        assertThat(recorder.signatures()).isZero();
        assertThat(outcome(group.get(1), session).orElseThrow())
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("TWO_PROCESSES");
                            assertThat(aborted.culprits()).as("nobody is blamed").isEmpty();
                            assertThat(aborted.observed()).containsExactly(alice.member());
                        });
        copy.exit();
        pass(MemberProcesses.GONE_AFTER.plus(Presence.COPY_CHALLENGED_EVERY));
        for (NodeProcess process : group) {
            assertThat(process.events(SessionEvent.CopyGone.class)).hasSize(1);
            assertThat(process.state(0).copied()).isFalse();
        }
        String second = ask(group.get(1));
        pass(Duration.ofSeconds(1));
        for (NodeProcess process : group) {
            assertThat(outcome(process, second).orElseThrow())
                    .isInstanceOf(SessionOutcome.Signed.class);
            assertThat(process.stopped).as("the copy has not silenced the original").isEmpty();
        }
    }

    @Test
    void copyThatIsConnectedToOtherMembersThanTheOriginalIsFoundToo() {
        NodeProcess alice = start(0);
        NodeProcess bob = start(1);
        NodeProcess carol = start(2);
        connect(alice, bob);
        connect(bob, carol);
        pass(Duration.ofSeconds(3));
        NodeProcess copy = copyOf(alice);
        connect(copy, carol);
        pass(Duration.ofSeconds(2));
        for (NodeProcess process : List.of(alice, copy, bob, carol)) {
            assertThat(process.state(0).copied()).as("seen by " + process).isTrue();
        }
    }

    @Test
    void twoThatAreStartedBeforeAnyMemberAreFoundToo() {
        NodeProcess alice = start(0);
        NodeProcess copy = copyOf(alice);
        NodeProcess bob = start(1);
        NodeProcess carol = start(2);
        connect(bob, carol);
        connect(alice, bob);
        connect(copy, carol);
        pass(Duration.ofSeconds(2));
        for (NodeProcess process : List.of(alice, copy, bob, carol)) {
            assertThat(process.state(0).copied()).as("seen by " + process).isTrue();
        }
    }

    @Test
    void processThatIsStartedAgainIsNoCopyHoweverOften() {
        List<NodeProcess> group = startAll();
        NodeProcess alice = group.get(0);
        for (int i = 0; i < 2 * MemberProcesses.MAX_KEPT; i++) {
            alice.exit();
            alice = copyOf(alice);
            connect(alice, group.get(1));
            connect(alice, group.get(2));
            pass(Duration.ofSeconds(1));
        }
        requireNoCopies(List.of(alice, group.get(1), group.get(2)));
        String session = ask(alice);
        pass(Duration.ofSeconds(1));
        assertThat(outcome(alice, session).orElseThrow()).isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void severalConnectionsAndReconnectionsOfOneProcessAreNoCopy() {
        List<NodeProcess> group = startAll();
        connect(group.get(0), group.get(1));
        connect(group.get(0), group.get(1));
        for (int i = 0; i < 3; i++) {
            group.get(0).handle(new EngineInput.PeerConnected(1));
            group.get(1).handle(new EngineInput.PeerConnected(0));
            settle();
        }
        pass(Duration.ofSeconds(3));
        requireNoCopies(group);
    }

    @Test
    void processThatOnlyFrozeIsFoundToBeThereTogetherWithTheOneThatReplacedIt() {
        List<NodeProcess> group = startAll();
        NodeProcess alice = group.get(0);
        alice.frozen = true;
        NodeProcess second = copyOf(alice);
        connect(second, group.get(1));
        connect(second, group.get(2));
        pass(Duration.ofSeconds(3));
        requireNoCopies(List.of(second, group.get(1), group.get(2)));
        alice.frozen = false;
        alice.handle(new EngineInput.PeerConnected(1));
        pass(Duration.ofSeconds(2));
        for (NodeProcess process : List.of(alice, second, group.get(1), group.get(2))) {
            assertThat(process.state(0).copied()).as("seen by " + process).isTrue();
        }
    }

    @Test
    void copyThatComesInTheMiddleOfASessionStopsIt() {
        List<NodeProcess> group = startAll();
        group.get(2).frozen = true;
        String session = ask(group.get(1));
        NodeProcess copy = copyOf(group.get(0));
        connect(copy, group.get(1));
        group.get(2).frozen = false;
        pass(Duration.ofSeconds(5));
        assertThat(group.get(1).state(0).copied()).isTrue();
        group.get(1).handle(new EngineInput.PeerConnected(2));
        group.get(2).handle(new EngineInput.PeerConnected(1));
        pass(SessionTimeouts.DEFAULT.readiness());
        assertThat(recorder.signatures()).isZero();
        assertThat(outcome(group.get(1), session))
                .hasValueSatisfying(
                        ended -> assertThat(ended).isNotInstanceOf(SessionOutcome.Signed.class));
    }

    @Test
    void whatOthersSayOfAProcessOnlyMakesANodeChallenge() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        NodeProcess carol = group.get(2);
        Bytes invented = Bytes.fromHex("ee".repeat(16));
        Inbound.Challenged claim =
                carol.owner
                        .envelopeSigner()
                        .challenge(99, List.of(new Challenge.Seen(0, invented)), List.of());
        bob.handle(new EngineInput.Received(claim));
        pass(Duration.ofSeconds(3));
        requireNoCopies(group);
        assertThat(bob.state(0).copied()).isFalse();
    }

    @Test
    void copyStopsWhatIsReadyUntilItIsGone() {
        try (OneEngine alice = new OneEngine()) {
            SigningRequest request = alice.approvedRequest(1);
            alice.receive(alice.ready(1, request, 1));
            GroupFixture.Owner one = alice.fixture.owner(1);
            Bytes boot = alice.fixture.owner(0).boot();
            alice.handle(new EngineInput.PeerConnected(1));
            alice.receive(one.envelopeSigner().answer(0, boot, 1));
            alice.receive(one.restarted().envelopeSigner().answer(0, boot, 1));
            assertThat(alice.events(SessionEvent.CopyFound.class)).isEmpty();
            alice.tickAfter(Presence.CHALLENGE_PAUSE);
            alice.receive(one.envelopeSigner().answer(0, boot, 2));
            assertThat(alice.events(SessionEvent.CopyFound.class)).hasSize(1);
            alice.receive(alice.ready(2, request, 1));
            assertThat(alice.recorder.generated()).isZero();
            Duration gone =
                    MemberProcesses.GONE_AFTER.minus(Presence.CHALLENGE_PAUSE).minusMillis(1);
            alice.tickAfter(gone);
            assertThat(alice.recorder.generated()).isZero();
            alice.tickAfter(Presence.COPY_CHALLENGED_EVERY);
            assertThat(alice.events(SessionEvent.CopyGone.class)).hasSize(1);
            assertThat(alice.sent(Contribution.Nonces.class)).isPresent();
        }
    }

    @Test
    void sessionThatExpiresWhileACopyStopsItNamesTheMemberThatIsThereTwice() {
        try (OneEngine alice = new OneEngine()) {
            SigningRequest request = alice.approvedRequest(1);
            alice.receive(alice.ready(1, request, 1));
            makeCopyOfOne(alice);
            alice.tickAfter(Presence.CHALLENGE_PAUSE);
            firstAnswersAgain(alice, 2);
            alice.receive(alice.ready(2, request, 1));
            alice.tickAfter(Duration.between(GroupFixture.NOW, request.expires()));
            assertThat(alice.aborted().code()).isEqualTo("EXPIRED");
            assertThat(alice.aborted().observed()).containsExactly(alice.fixture.owner(1).member());
        }
    }

    /// Signer 1 of `alice`'s group answers, then another process with its identity, then the first
    /// one again.
    private static void makeCopyOfOne(OneEngine alice) {
        GroupFixture.Owner one = alice.fixture.owner(1);
        Bytes boot = alice.fixture.owner(0).boot();
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(one.envelopeSigner().answer(0, boot, 1));
        alice.receive(one.restarted().envelopeSigner().answer(0, boot, 1));
    }

    private static void firstAnswersAgain(OneEngine alice, long challenge) {
        alice.receive(
                alice.fixture
                        .owner(1)
                        .envelopeSigner()
                        .answer(0, alice.fixture.owner(0).boot(), challenge));
    }

    @Test
    void nobodyIsReadyForANewSessionWhileThereIsACopy() {
        try (OneEngine alice = new OneEngine()) {
            makeCopyOfOne(alice);
            alice.tickAfter(Presence.CHALLENGE_PAUSE);
            firstAnswersAgain(alice, 2);
            assertThat(alice.events(SessionEvent.CopyFound.class)).hasSize(1);
            alice.approvedRequest(1);
            assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
            alice.tickAfter(MemberProcesses.GONE_AFTER);
            assertThat(alice.events(SessionEvent.CopyGone.class)).hasSize(1);
            assertThat(alice.sent(Contribution.Ready.class)).isPresent();
        }
    }

    @Test
    void headThatTheLaterProcessSaidBeforeTheCopyWasFoundIsNotRemembered() throws Exception {
        try (OneEngine alice = new OneEngine()) {
            SigningRequest request = alice.approvedRequest(1);
            makeCopyOfOne(alice);
            GroupFixture.Owner later = alice.fixture.owner(1).restarted();
            alice.receive(
                    later.envelopeSigner()
                            .sign(
                                    request.sessionId(),
                                    1,
                                    new Contribution.Ready(
                                            later.attestation(), OneEngine.head(99))));
            alice.tickAfter(Presence.CHALLENGE_PAUSE);
            firstAnswersAgain(alice, 2);
            assertThat(alice.events(SessionEvent.CopyFound.class)).hasSize(1);
            alice.tickAfter(MemberProcesses.GONE_AFTER);
            alice.handle(new EngineInput.PeerConnected(1));
            Bytes hello = alice.sentTo(1).getFirst();
            assertThat(
                            new EnvelopeVerifier(
                                            GroupTable.of(alice.fixture.group),
                                            SigningLimits.DEFAULT)
                                    .verify(hello))
                    .isInstanceOfSatisfying(
                            Inbound.Greeting.class,
                            greeting -> assertThat(greeting.remembered()).isEmpty());
        }
    }

    @Test
    void challengeThatComesAgainIsNeitherAnsweredNorPassedOnAgain() {
        try (OneEngine alice = new OneEngine()) {
            Inbound challenge =
                    alice.fixture.owner(2).envelopeSigner().challenge(7, List.of(), List.of(0));
            alice.receive(challenge);
            assertThat(alice.sentTo(2)).hasSize(1);
            assertThat(alice.sentTo(1)).hasSize(1);
            alice.receive(challenge);
            assertThat(alice.last()).isEmpty();
            alice.receive(GroupFixture.from(challenge, alice.member(1)));
            assertThat(alice.last()).isEmpty();
        }
    }

    @Test
    void lateAnswerOfAProcessThatHasEndedIsNoCopy() {
        List<NodeProcess> group = startAll();
        NodeProcess alice = group.get(0);
        NodeProcess bob = group.get(1);
        // Made while it was there, and underway until the next process has answered.
        Inbound.Answered late = alice.owner.envelopeSigner().answer(1, bob.owner.boot(), 1);
        alice.exit();
        NodeProcess again = copyOf(alice);
        connect(again, bob);
        pass(Duration.ofSeconds(1));
        bob.handle(new EngineInput.Received(late));
        pass(Duration.ofSeconds(1));
        requireNoCopies(List.of(again, bob, group.get(2)));
    }

    @Test
    void answersToOthersChallengesProveNoCopy() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        GroupFixture.Owner other = fixture.owner(0).restarted();
        // An earlier process of Carol's may have made these challenges at any time.
        Bytes earlier = Bytes.fromHex("cc".repeat(16));
        for (Bytes boot : List.of(other.boot(), group.get(0).owner.boot())) {
            GroupFixture.Owner process =
                    new GroupFixture.Owner(
                            other.member(), other.identity(), other.key(), other.group(), boot);
            for (long number = 1; number < 4; number++) {
                Inbound.Answered answer = process.envelopeSigner().answer(2, earlier, number);
                bob.handle(
                        new EngineInput.Received(GroupFixture.from(answer, group.get(2).member())));
            }
        }
        pass(Duration.ofSeconds(3));
        requireNoCopies(group);
    }

    @Test
    void answerToAChallengeThatWasNotMadeIsDropped() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        GroupFixture.Owner other = fixture.owner(0).restarted();
        Inbound.Answered early = other.envelopeSigner().answer(1, bob.owner.boot(), 1_000_000);
        bob.handle(new EngineInput.Received(early));
        assertThat(bob.engine.dropped(fixture.group.member(0), DropReason.MALFORMED)).isEqualTo(1);
        assertThat(bob.state(0).copied()).isFalse();
    }

    @Test
    void floodOfHellosIsDroppedAndAnsweredABoundedNumberOfTimes() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        Inbound hello = fixture.hello(0);
        int answers = 0;
        for (int i = 0; i < 5_000; i++) {
            answers +=
                    bob.engine.handle(new EngineInput.Received(hello), now).stream()
                            .filter(EngineOutput.Send.class::isInstance)
                            .toList()
                            .size();
        }
        assertThat(answers).isBetween(1, 32);
        assertThat(bob.engine.dropped(fixture.group.member(0), DropReason.TOO_MANY_ANSWERS))
                .isGreaterThan(4_000);
    }

    @Test
    void challengesOfOneAuthorArePassedOnABoundedNumberOfTimesAndKeepNoHelloFromBeingHeard() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        GroupFixture.Owner carol = group.get(2).owner;
        int passedOn = 0;
        for (int i = 0; i < 1_000; i++) {
            Inbound challenge = carol.envelopeSigner().challenge(1_000 + i, List.of(), List.of(1));
            passedOn +=
                    (int)
                            bob.engine.handle(new EngineInput.Received(challenge), now).stream()
                                    .filter(output ->
                                            output instanceof EngineOutput.Send(int to, Bytes _)
                                                    && to == 0)
                                    .count();
        }
        assertThat(passedOn).isBetween(1, 8);
        Bytes other = Bytes.fromHex("0bad");
        Inbound hello =
                carol.envelopeSigner()
                        .greet(Optional.empty(), 9, fixture.terms(2, other), false, Bytes.EMPTY);
        bob.handle(new EngineInput.Received(hello));
        assertThat(bob.state(2).otherTerms()).contains(other);
    }

    @Test
    void headOfACopyThatIsGoneDoesNotSilenceTheOriginal() {
        List<NodeProcess> group = startAll();
        NodeProcess bob = group.get(1);
        NodeProcess copy = copyOf(group.get(0));
        connect(copy, bob);
        // Before it is found, the copy says that it is ready for a request, with a head of its own.
        SigningRequest request = request(1);
        bob.handle(new EngineInput.LocalRequest(request));
        Inbound.Statement ready =
                copy.owner
                        .envelopeSigner()
                        .sign(
                                request.sessionId(),
                                1,
                                new Contribution.Ready(
                                        copy.owner.attestation(), OneEngine.head(99)));
        bob.handle(new EngineInput.Received(ready));
        copy.exit();
        pass(MemberProcesses.GONE_AFTER.plus(Presence.COPY_CHALLENGED_EVERY));
        bob.handle(new EngineInput.PeerConnected(0));
        pass(Duration.ofSeconds(1));
        assertThat(group.get(0).stopped).isEmpty();
    }
}
