package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.engine.EngineOutput.HoldChanged.Change;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Two sessions of one engine that want the same coin, in every phase of each. The rules of rank
/// are in [HoldRegistryTest]; here, what the sessions do.
class CompetingSessionsTest {
    private static final Bytes COIN = Bytes.fromHex("c0ffee");
    private static final Duration READINESS = SessionTimeouts.DEFAULT.readiness();
    private static final Duration NONCES = SessionTimeouts.DEFAULT.nonces();

    private final OneEngine alice = new OneEngine();

    /// Of the one that comes first, and of the other.
    private SigningRequest better;

    private SigningRequest worse;

    @BeforeEach
    void order() {
        boolean bobFirst = hash(1).compareTo(hash(2)) < 0;
        better = alice.fixture.request(bobFirst ? 1 : 2, 1);
        worse = alice.fixture.request(bobFirst ? 2 : 1, 1);
    }

    private Bytes hash(int member) {
        return TaggedHash.of(
                "tutti/hold-rank",
                alice.fixture.group.id().toArray(),
                alice.member(member).signingKey().bytes().toArray());
    }

    @AfterEach
    void close() {
        alice.close();
    }

    private int requester(SigningRequest request) {
        return alice.fixture.group.member(request.requester()).orElseThrow().index();
    }

    private void approved(SigningRequest request) {
        approved(request, Set.of(COIN));
    }

    private void approved(SigningRequest request, Set<Bytes> coins) {
        alice.receive(alice.fixture.owner(requester(request)).envelopeSigner().sign(request));
        Hold hold = new Hold(coins, request.sessionId().bytes());
        alice.handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages(), hold)));
    }

    private String phase(SigningRequest request) {
        return alice.engine.liveSessions().stream()
                .filter(session -> session.id().equals(request.sessionId()))
                .map(session -> session.phase() + " " + session.attempt())
                .findFirst()
                .orElse("over");
    }

    private SessionOutcome outcome(SigningRequest request) {
        return alice.all.stream()
                .filter(EngineOutput.Finish.class::isInstance)
                .map(output -> ((EngineOutput.Finish) output).outcome())
                .filter(outcome -> outcome.sessionId().equals(request.sessionId()))
                .findFirst()
                .orElseThrow();
    }

    private void isRefused(SigningRequest request) {
        assertThat(outcome(request))
                .isInstanceOfSatisfying(
                        SessionOutcome.Refused.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo("CONFLICTING_SESSION");
                            assertThat(refused.by()).isEqualTo(alice.self());
                        });
    }

    private List<Change> changes(SigningRequest request) {
        return alice.all.stream()
                .filter(EngineOutput.HoldChanged.class::isInstance)
                .map(EngineOutput.HoldChanged.class::cast)
                .filter(change -> change.request().equals(request))
                .map(EngineOutput.HoldChanged::change)
                .toList();
    }

    private void refusedByCarol(SigningRequest request) {
        alice.receive(alice.sign(2, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
    }

    /// Worse has nonces in its first attempt, better waits.
    private void betterWaits() {
        approved(worse);
        alice.toNonces(worse);
        approved(better);
        assertThat(phase(worse)).isEqualTo("NONCES 1");
        assertThat(phase(better)).isEqualTo("WAITING 1");
    }

    @Test
    void oneThatComesFirstTakesTheCoinFromOneInReadiness() {
        approved(worse);
        approved(better);
        isRefused(worse);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        assertThat(changes(worse)).containsExactly(Change.RESERVED, Change.RELEASED);
        assertThat(changes(better)).containsExactly(Change.RESERVED);
        assertThat(alice.engine.isHeld(COIN)).isTrue();
    }

    @Test
    void oneThatComesLastIsRefused() {
        approved(better);
        approved(worse);
        isRefused(worse);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        assertThat(changes(worse)).as("it was never reserved").containsExactly(Change.RELEASED);
    }

    @Test
    void oneThatComesFirstWaitsForTheOthersAttemptAndIsReadyWhenItFails() {
        betterWaits();
        assertThat(changes(better)).isEmpty();
        alice.tickAfter(NONCES);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        assertThat(phase(worse))
                .as("its nonces were sent: somebody may have signed, so it waits")
                .isEqualTo("WAITING 2");
        assertThat(alice.recorder.unwiped()).isZero();
        refusedByCarol(better);
        assertThat(phase(worse)).isEqualTo("READINESS 2");
        assertThat(alice.sent(Contribution.Ready.class).orElseThrow().contribution().attempt())
                .isEqualTo(2);
    }

    @Test
    void oneThatWaitsIsReadyAsSoonAsTheOtherEnds() {
        betterWaits();
        refusedByCarol(worse);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        assertThat(alice.sent(Contribution.Ready.class)).isPresent();
    }

    @Test
    void oneThatWaitsIsRefusedOnceTheOtherHasSigned() {
        betterWaits();
        Statement own = lastNonces(worse);
        List<Statement> nonces = List.of(own, alice.nonces(1, worse, 1), alice.nonces(2, worse, 1));
        alice.receive(nonces.get(1));
        alice.receive(nonces.get(2));
        assertThat(changes(worse)).containsExactly(Change.RESERVED, Change.COMMITTED);
        alice.receive(alice.partials(1, worse, 1, nonces));
        alice.receive(alice.partials(2, worse, 1, nonces));
        assertThat(outcome(worse)).isInstanceOf(SessionOutcome.Signed.class);
        isRefused(better);
        assertThat(alice.recorder.signatures()).isEqualTo(1);
    }

    private Statement lastNonces(SigningRequest request) {
        return alice.said().stream()
                .filter(s -> s.contribution().session().equals(request.sessionId()))
                .filter(s -> s.contribution().body() instanceof Contribution.Nonces)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    /// Of the other requester's sessions, each with one of its coins, one has nonces at any time.
    @Test
    void oneThatWaitsTooLongIsRefused() {
        List<SigningRequest> others = new ArrayList<>();
        Set<Bytes> coins = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            SigningRequest other = alice.fixture.request(requester(worse), 1);
            Bytes coin = Bytes.fromHex("c%d".formatted(i));
            approved(other, Set.of(coin));
            others.add(other);
            coins.add(coin);
        }
        alice.toNonces(others.getFirst());
        approved(better, coins);
        for (SigningRequest other : others.subList(1, 5)) {
            alice.tickAfter(NONCES.minusSeconds(1));
            alice.toNonces(other);
            assertThat(phase(better)).isEqualTo("WAITING 1");
        }
        alice.tickAfter(READINESS.minus(NONCES.minusSeconds(1).multipliedBy(4)).minusMillis(1));
        assertThat(phase(better)).isEqualTo("WAITING 1");
        alice.tickAfter(Duration.ofMillis(1));
        isRefused(better);
    }

    @Test
    void oneThatHasSentNoncesEndsWithoutARefusalWhenItWaitsTooLong() {
        betterWaits();
        alice.tickAfter(NONCES);
        assertThat(phase(worse)).isEqualTo("WAITING 2");
        alice.tickAfter(READINESS.minus(NONCES).minusSeconds(1));
        alice.toNonces(better);
        alice.tickAfter(NONCES);
        assertThat(phase(better)).isEqualTo("READINESS 2");
        assertThat(phase(worse)).isEqualTo("WAITING 2");
        alice.tickAfter(Duration.ofSeconds(1));
        assertThat(outcome(worse))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("NO_ANSWER");
                            assertThat(Named.by(aborted)).isEmpty();
                        });
    }

    @Test
    void oneThatHasSentNoncesWaitsWhenItIsDisplacedAndTakesTheAttemptAfter() {
        approved(worse);
        alice.toNonces(worse);
        alice.tickAfter(NONCES);
        assertThat(phase(worse)).isEqualTo("READINESS 2");
        approved(better);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        assertThat(phase(worse)).isEqualTo("WAITING 3");
        refusedByCarol(better);
        assertThat(phase(worse)).isEqualTo("READINESS 3");
        assertThat(alice.sent(Contribution.Ready.class).orElseThrow().contribution().attempt())
                .as("its Ready of the second attempt was sent")
                .isEqualTo(3);
    }

    /// Carol has signed, and releases nothing any more.
    @Test
    void oneForWhichAPartialSignatureIsKnownComesFirst() {
        betterWaits();
        alice.receive(partialsOfCarol(worse));
        alice.tickAfter(NONCES);
        assertThat(phase(worse)).isEqualTo("READINESS 2");
        isRefused(better);
    }

    @Test
    void partialSignaturesThatComeAfterTheAttemptCountToo() {
        betterWaits();
        Statement late = partialsOfCarol(worse);
        alice.tickAfter(NONCES);
        assertThat(phase(worse)).isEqualTo("WAITING 2");
        alice.receive(late);
        assertThat(phase(worse)).isEqualTo("READINESS 2");
        isRefused(better);
    }

    private Statement partialsOfCarol(SigningRequest request) {
        Statement own = lastNonces(request);
        List<Statement> nonces =
                List.of(own, alice.nonces(1, request, 1), alice.nonces(2, request, 1));
        return alice.partials(2, request, 1, nonces);
    }

    /// An attempt may have been announced, and signed by others.
    @Test
    void oneThatGoesOnAfterARestartWaitsForAnotherThatComesFirst() {
        approved(worse);
        alice.restart();
        approved(better);
        assertThat(phase(better)).isEqualTo("READINESS 1");
        Hold hold = new Hold(Set.of(COIN), worse.sessionId().bytes());
        alice.handle(
                new EngineInput.Decided(
                        worse.sessionId(), new Decision.Approved(worse.messages(), hold)));
        assertThat(phase(worse)).isEqualTo("WAITING 2");
    }
}
