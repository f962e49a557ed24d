package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// A node whose wall clock was in another century for a time, across restarts and compactions: it
/// signs nothing again that it has forgotten, and everything else as before.
class WrongClockTest {
    private static final Instant FAR_AHEAD = Instant.parse("2099-01-01T00:00:00Z");
    private static final Duration LIFETIME = SigningLimits.DEFAULT.requests().lifetime();
    private static final Duration SKEW = SigningLimits.DEFAULT.requests().clockSkew();

    /// One that is compacted at each start.
    private static final JournalRetention RETENTION =
            new JournalRetention(LIFETIME, SKEW, 0, Long.MAX_VALUE);

    private static final Duration AHEAD = Duration.between(GroupFixture.NOW, FAR_AHEAD);

    private OneEngine alice = new OneEngine();
    private final MemoryJournalFiles files = new MemoryJournalFiles();
    private int written;

    @AfterEach
    void close() {
        alice.close();
    }

    /// Starts again, from a journal on disk that is compacted if half of it would go.
    private void restart() throws IOException {
        write();
        JournalState state = new JournalState(RETENTION, wall());
        try (Journal journal = TestJournals.open(files, state)) {
            alice.restart(
                    new JournalReplay(alice.fixture.group, alice.limits, state),
                    journal.head(alice.fixture.group.id()));
        }
    }

    private Instant wall() {
        return alice.now.plus(alice.wallAhead);
    }

    private void pass(Duration duration) {
        alice.now = alice.now.plus(duration);
    }

    private void write() throws IOException {
        try (Journal journal = TestJournals.open(files)) {
            journal.append(
                    alice.fixture.group.id(), alice.journal.subList(written, alice.journal.size()));
            journal.force();
        }
        written = alice.journal.size();
    }

    private boolean isInJournal(SigningRequest request) throws IOException {
        return TestJournals.records(files).stream()
                .anyMatch(record ->
                        record instanceof JournalRecord.Ready ready
                                && ready.session().equals(request.sessionId()));
    }

    private SigningRequest request(int requester, Bytes key) {
        return RequestCodec.create(
                RequestGroup.of(alice.fixture.group),
                alice.member(requester).peerId(),
                alice.fixture.random(32),
                wall(),
                new SigningRequestDraft(
                        List.of(new MessageToSign(alice.fixture.random(32), KeyTweak.none())),
                        "test",
                        Bytes.EMPTY,
                        key,
                        Duration.ofMinutes(5)));
    }

    private void receive(SigningRequest request) {
        int requester = alice.fixture.group.member(request.requester()).orElseThrow().index();
        alice.receive(alice.fixture.owner(requester).envelopeSigner().sign(request));
    }

    private void approve(SigningRequest request) {
        Hold hold = new Hold(Set.of(request.sessionId().bytes()), Bytes.fromHex("aa"));
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), hold)));
    }

    /// A session for which this node was ready, and another was not.
    private SigningRequest ended(int requester) {
        SigningRequest request = request(requester, Bytes.EMPTY);
        if (requester == 0) {
            alice.handle(new EngineInput.LocalRequest(request));
        } else {
            receive(request);
        }
        approve(request);
        alice.receive(
                alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("BAD_TIMES", "no")));
        assertThat(alice.engine.liveSessions()).isEmpty();
        return request;
    }

    private SigningRequest signed(int requester, Bytes key) {
        SigningRequest request = request(requester, key);
        receive(request);
        approve(request);
        alice.receive(ready(1, request));
        alice.receive(ready(2, request));
        Statement own = alice.sent(Contribution.Nonces.class).orElseThrow();
        List<Statement> nonces =
                List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        alice.receive(alice.partials(1, request, 1, nonces));
        alice.receive(alice.partials(2, request, 1, nonces));
        assertThat(alice.outcome()).containsInstanceOf(SessionOutcome.Signed.class);
        return request;
    }

    private Statement ready(int signer, SigningRequest request) {
        GroupFixture.Owner owner = alice.fixture.owner(signer);
        KeyAttestation attestation =
                KeyAttestation.make(
                        owner.key(),
                        RequestGroup.of(alice.fixture.group),
                        owner.member().peerId(),
                        wall().toEpochMilli(),
                        wall().plusSeconds(600),
                        new byte[32]);
        return alice.sign(
                signer,
                request.sessionId(),
                1,
                new Contribution.Ready(attestation, OneEngine.head(1)));
    }

    private void requireTaken(SigningRequest request) {
        receive(request);
        assertThat(alice.engine.liveSessions())
                .extracting(session -> session.id())
                .containsExactly(request.sessionId());
        alice.receive(alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
    }

    private void requireRefused(SigningRequest request) {
        receive(request);
        assertThat(alice.engine.liveSessions()).isEmpty();
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
    }

    @Test
    void clockThatWasFarAheadForRequestsAndACompactionFreezesNothing() throws IOException {
        SigningRequest before = ended(1);
        ended(1);
        alice.wallAhead = AHEAD;
        restart();
        SigningRequest ahead = ended(0);
        ended(0);
        pass(LIFETIME.multipliedBy(2));
        ended(0);
        restart();
        assertThat(isInJournal(before)).as("it is compacted").isFalse();
        assertThat(isInJournal(ahead)).isFalse();
        alice.wallAhead = Duration.ZERO;
        restart();
        requireTaken(request(1, Bytes.EMPTY));
        requireTaken(request(2, Bytes.EMPTY));
        // However the clock is set again.
        pass(LIFETIME.multipliedBy(-2).plusSeconds(1));
        restart();
        requireRefused(before);
        assertThat(alice.engine.dropped(alice.member(1), DropReason.EXPIRED)).isEqualTo(1);
        requireTaken(request(1, Bytes.EMPTY));
        alice.wallAhead = AHEAD;
        restart();
        requireRefused(ahead);
        requireTaken(request(1, Bytes.EMPTY));
    }

    /// All have taken part in what was signed then: not even that is proof of a time.
    @Test
    void allClocksFarAheadTogetherFreezeNothing() throws IOException {
        SigningRequest before = ended(1);
        alice.wallAhead = AHEAD;
        restart();
        SigningRequest ahead = ended(1);
        for (int i = 0; i < 4; i++) {
            settle(signed(1, Bytes.EMPTY));
        }
        pass(LIFETIME.multipliedBy(2));
        settle(signed(1, Bytes.EMPTY));
        restart();
        assertThat(isInJournal(before)).isFalse();
        assertThat(isInJournal(ahead)).isFalse();
        alice.wallAhead = Duration.ZERO;
        restart();
        requireTaken(request(1, Bytes.EMPTY));
        pass(LIFETIME.multipliedBy(-2).plusSeconds(1));
        restart();
        requireTaken(request(1, Bytes.EMPTY));
        requireRefused(before);
    }

    /// What the journal has is over by the wall clock of the start alone.
    @Test
    void startWithAClockFarAheadThatIsSetRightForgetsNothing() throws IOException {
        SigningRequest before = ended(1);
        SigningRequest open = request(1, Bytes.EMPTY);
        receive(open);
        approve(open);
        alice.wallAhead = AHEAD;
        restart();
        alice.wallAhead = Duration.ZERO;
        pass(Duration.ofSeconds(60));
        requireRefused(before);
        requireRefused(open);
        requireTaken(request(1, Bytes.EMPTY));
    }

    private void rememberAtMost(int sessions) {
        alice.close();
        alice =
                new OneEngine(
                        new GroupFixture(3, 1234),
                        SigningLimits.DEFAULT.with(new SigningLimits.Finished(sessions, 100, 2)));
    }

    @Test
    void sessionsDatedFarAheadDoNotFillTheMemoryForGood() throws IOException {
        rememberAtMost(4);
        alice.wallAhead = AHEAD;
        restart();
        List<SigningRequest> ahead = List.of(ended(0), ended(0), ended(1), ended(2));
        alice.wallAhead = Duration.ZERO;
        restart();
        assertThat(alice.engine.finishedSessions()).isEqualTo(4);
        requireTaken(request(1, Bytes.EMPTY));
        assertThat(alice.engine.finishedSessions()).isEqualTo(1);
        alice.wallAhead = AHEAD;
        ahead.forEach(this::requireRefused);
    }

    /// The same in one process: then the operator has to look at the clock first.
    @Test
    void afterAStepOfTheClockSessionsDatedAheadStayUntilTheOperatorHasLooked() throws IOException {
        rememberAtMost(2);
        alice.wallAhead = AHEAD;
        ended(1);
        alice.handle(new EngineInput.AcceptClock());
        alice.wallAhead = Duration.ZERO;
        requireRefused(request(1, Bytes.EMPTY));
        assertThat(alice.engine.dropped(alice.member(1), DropReason.TOO_MANY_SESSIONS))
                .isEqualTo(1);
        alice.handle(new EngineInput.AcceptClock());
        requireTaken(request(1, Bytes.EMPTY));
    }

    private void settle(SigningRequest request) {
        alice.handle(new EngineInput.Settle(request.sessionId(), Bytes.EMPTY));
    }

    private boolean isFree(Bytes key) {
        SigningRequest again = request(1, key);
        receive(again);
        approve(again);
        boolean free = alice.sent(Contribution.Ready.class).isPresent();
        alice.receive(alice.sign(2, again.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        return free;
    }

    /// SAFETY 30.
    @Test
    void keySettledWithAClockFarAheadIsFreeWhenThirtyDaysHavePassedForAll() throws IOException {
        Bytes key = Bytes.fromHex("4b");
        SigningRequest paid = signed(1, key);
        alice.wallAhead = AHEAD;
        restart();
        settle(paid);
        alice.wallAhead = Duration.ZERO;
        restart();
        pass(Duration.ofHours(2));
        assertThat(isFree(key)).isFalse();
        signed(1, Bytes.EMPTY);
        pass(HoldRegistry.KEY_KEPT);
        signed(1, Bytes.EMPTY);
        restart();
        assertThat(isFree(key)).as("not for all").isFalse();
        pass(Duration.ofHours(3));
        restart();
        assertThat(isFree(key)).as("by this clock alone").isFalse();
        signed(1, Bytes.EMPTY);
        restart();
        assertThat(isFree(key)).isTrue();
    }
}
