package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.List;

/// Who may raise the attempt number, how often and how far: one member cannot use up the attempts
/// of a session, and no honest signer is left behind.
class AttemptsTest extends GroupWithMallory {
    AttemptsTest() {
        super(17);
    }

    /// After her engine's Ready of the first attempt she sends one for each of these numbers. Her
    /// engine's own Ready for them is suppressed, so that she sends one message for each slot.
    private void malloryRaisesTo(List<Integer> numbers) {
        sim.tamper(
                mallory,
                (_, message) -> {
                    if (!(message instanceof Inbound.Statement s)
                            || !(s.contribution().body() instanceof Contribution.Ready ready)) {
                        return List.of(message.envelope());
                    }
                    int number = s.contribution().attempt();
                    if (number > 1) {
                        return numbers.contains(number) ? List.of() : List.of(s.envelope());
                    }
                    List<Bytes> sent = new ArrayList<>(List.of(s.envelope()));
                    for (int raised : numbers) {
                        sent.add(
                                mallory.envelopeSigner()
                                        .sign(s.contribution().session(), raised, ready)
                                        .envelope());
                    }
                    return sent;
                });
    }

    private Inbound.Statement ready(SimNode node, SessionId id, int attempt) {
        Contribution.Ready body = new Contribution.Ready(node.attestation(), TestJournals.NO_ENTRY);
        return node.envelopeSigner().sign(id, attempt, body);
    }

    private int attempt(SimNode node) {
        return node.engine().liveSessions().getFirst().attempt();
    }

    private void everybodySigned(SessionId id) {
        for (SimNode node : sim.nodes) {
            assertThat(node.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
        }
    }

    @Test
    void jumpToAHighAttemptDoesNotUseUpAttempts() {
        malloryRaisesTo(List.of(1 + sim.limits.attempts().leap()));
        SessionId id = sim.ask(alice, 1);
        while (sim.watch.generated() < 2) {
            assertThat(sim.step()).isTrue();
        }
        // Now bob's process dies in this attempt, as often as attempts may fail.
        for (int life = 1; life < sim.limits.attempts().failed(); life++) {
            bob.die();
            bob.start();
            for (int steps = 0; steps < 3; steps++) {
                sim.step();
            }
        }
        sim.run();
        everybodySigned(id);
    }

    @Test
    void memberThatCutsAttemptsShortDoesNotUseUpAttempts() {
        int last = sim.limits.attempts().raisesPerMember();
        assertThat(last).isGreaterThanOrEqualTo(sim.limits.attempts().failed());
        sim.tamper(
                mallory,
                (_, message) -> {
                    if (!(message instanceof Inbound.Statement s)) {
                        return List.of(message.envelope());
                    }
                    Contribution c = s.contribution();
                    if (c.body() instanceof Contribution.Nonces && c.attempt() <= last) {
                        return List.of(ready(mallory, c.session(), c.attempt() + 1).envelope());
                    }
                    boolean saidAlready = c.body() instanceof Contribution.Ready && c.attempt() > 1;
                    return saidAlready ? List.of() : List.of(s.envelope());
                });
        SessionId id = sim.ask(alice, 1);
        sim.run();
        everybodySigned(id);
        assertThat(alice.events)
                .anyMatch(e ->
                        e instanceof SessionEvent.ReadySeen seen && seen.attempt() == last + 1);
    }

    @Test
    void memberThatKeepsRaisingTheAttemptIsFollowedABoundedNumberOfTimes() {
        SessionId id = sim.ask(alice, 1);
        alice.todo.forEach(alice::handle);
        alice.todo.clear();
        int last = 1 + sim.limits.attempts().raisesPerMember();
        for (int number = 2; number <= last + 10; number++) {
            alice.handle(new EngineInput.Received(ready(mallory, id, number)));
        }
        assertThat(attempt(alice)).isEqualTo(last);
        assertThat(alice.engine().dropped(mallory.member, DropReason.FUTURE_ATTEMPT)).isEqualTo(10);
    }

    @Test
    void jumpAboveTheBoundIsNotFollowedAndItsAuthorIsBlamed() {
        int far = 2 + sim.limits.attempts().leap();
        sim.tamper(
                mallory,
                (_, message) ->
                        message instanceof Inbound.Statement s
                                        && s.contribution().attempt() == 1
                                        && s.contribution().body() instanceof Contribution.Ready r
                                ? List.of(
                                        mallory.envelopeSigner()
                                                .sign(s.contribution().session(), far, r)
                                                .envelope())
                                : List.of());
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        assertThat(attempt(alice)).isEqualTo(1);
        assertThat(alice.engine().dropped(mallory.member, DropReason.FUTURE_ATTEMPT)).isPositive();
        sim.run();
        for (SimNode honest : List.of(alice, bob)) {
            assertThat(honest.outcomes.get(id))
                    .isInstanceOfSatisfying(
                            SessionOutcome.Aborted.class,
                            aborted -> {
                                assertThat(aborted.code()).isEqualTo("NO_ANSWER");
                                assertThat(Named.by(aborted)).containsExactly(mallory.member);
                            });
        }
    }

    @Test
    void attemptAboveTheMaximumIsNotKept() {
        SessionId id = sim.ask(alice, 1);
        for (SimNode other : List.of(bob, mallory)) {
            alice.handle(new EngineInput.Received(ready(other, id, (1 << 30) + 1)));
        }
        assertThat(attempt(alice)).isEqualTo(1);
        assertThat(alice.engine().dropped(bob.member, DropReason.FUTURE_ATTEMPT)).isEqualTo(1);
    }

    @Test
    void signerFollowsToAnAttemptThatAllOthersHaveReachedHoweverFar() {
        SessionId id = sim.ask(alice, 1);
        alice.handle(new EngineInput.Received(ready(bob, id, 5_000)));
        assertThat(attempt(alice)).isEqualTo(1);
        alice.handle(new EngineInput.Received(ready(mallory, id, 1 << 30)));
        assertThat(attempt(alice)).as("to the nearer of the two").isEqualTo(5_000);
    }

    @Test
    void signerInALaterAttemptIsNotBlamedAsSilent() {
        bob.approval = _ -> null;
        SessionId id = sim.ask(alice, 1);
        sim.tamper(
                mallory,
                (_, message) ->
                        message instanceof Inbound.Greeting
                                ? List.of(message.envelope())
                                : List.of());
        alice.todo.forEach(alice::handle);
        alice.todo.clear();
        alice.handle(new EngineInput.Received(ready(bob, id, 5_000)));
        while (!alice.outcomes.containsKey(id)) {
            sim.now = alice.engine().nextDeadline().orElseThrow();
            alice.handle(new EngineInput.Tick());
        }
        assertThat(alice.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> assertThat(Named.by(aborted)).containsExactly(mallory.member));
    }

    @Test
    void twoMessagesForOneLaterAttemptProveEquivocation() {
        SessionId id = sim.ask(alice, 1);
        alice.todo.forEach(alice::handle);
        alice.todo.clear();
        alice.handle(new EngineInput.Received(ready(mallory, id, 1)));
        alice.handle(new EngineInput.Received(ready(mallory, id, 5_000)));
        Contribution.Ready other =
                new Contribution.Ready(mallory.attestation(), TestJournals.head(3, sim.random32()));
        alice.handle(new EngineInput.Received(mallory.envelopeSigner().sign(id, 5_000, other)));
        assertThat(alice.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("EQUIVOCATION");
                            assertThat(aborted.evidence()).isPresent();
                        });
    }

    @Test
    void nodeThatIsRestartedTooOftenAbortsTheSession() {
        sim.tamper(
                mallory,
                (_, message) ->
                        message instanceof Inbound.Greeting
                                ? List.of(message.envelope())
                                : List.of());
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        for (int life = 0; life < sim.limits.attempts().failed(); life++) {
            bob.die();
            bob.start();
            sim.settle();
            assertThat(bob.outcomes).isEmpty();
        }
        bob.die();
        bob.start();
        assertThat(bob.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> {
                            assertThat(aborted.code()).isEqualTo("ATTEMPTS_EXHAUSTED");
                            assertThat(Named.by(aborted)).isEmpty();
                        });
    }
}
