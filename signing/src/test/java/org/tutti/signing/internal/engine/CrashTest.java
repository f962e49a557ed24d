package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionOutcome;

import java.util.concurrent.atomic.AtomicInteger;

/// Kills a signer before each single external effect of a session: each write, each force, each
/// message. What was not forced is lost. [SimGroup] checks that no nonce signs twice, that no
/// honest signer signs two messages for one slot across all restarts, and that no partial signature
/// leaves before it is on disk.
class CrashTest {
    /// Kills the node at its nth operation from now on.
    private static AtomicInteger killAt(SimGroup sim, SimNode victim, int nth) {
        AtomicInteger operations = new AtomicInteger();
        Runnable count =
                () -> {
                    if (operations.incrementAndGet() == nth) {
                        throw new SimNode.Killed();
                    }
                };
        victim.file.probe(_ -> count.run());
        sim.beforeSend(from -> {
            if (from.equals(victim)) {
                count.run();
            }
        });
        return operations;
    }

    private static int operationsOfOneSession(int victim, int requester) {
        try (SimGroup sim = new SimGroup(3, 11)) {
            AtomicInteger operations = killAt(sim, sim.node(victim), -1);
            sim.ask(sim.node(requester), 2);
            sim.run();
            return operations.get();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,0", "2,0", "0,1"})
    void sessionIsSignedByAllWhereverASignerIsKilled(int victim, int requester) {
        int steps = operationsOfOneSession(victim, requester);
        assertThat(steps).isGreaterThan(10);
        for (int step = 1; step <= steps; step++) {
            for (boolean othersGoOn : new boolean[] {false, true}) {
                try (SimGroup sim = new SimGroup(3, 11)) {
                    SimNode bob = sim.node(victim);
                    killAt(sim, bob, step);
                    SessionId id = sim.ask(sim.node(requester), 2);
                    while (bob.alive() && sim.step()) {}
                    if (othersGoOn) {
                        sim.settle();
                    }
                    if (!bob.alive()) {
                        bob.start();
                    }
                    sim.run();
                    String where = "after a kill at step " + step + " of " + steps;
                    // A requester may die before anyone has received its request: then there is
                    // nothing to wait for.
                    boolean unheard = sim.nodes.stream().allMatch(node -> node.outcomes.isEmpty());
                    assertThat(!unheard || victim == requester).as(where).isTrue();
                    for (SimNode node : sim.nodes) {
                        assertThat(node.engine().liveSessions()).as(where).isEmpty();
                        if (!unheard) {
                            assertThat(node.outcomes.get(id))
                                    .as(node + " " + where)
                                    .isInstanceOf(SessionOutcome.Signed.class);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void signerThatIsKilledAtEveryStepAgainAndAgainNeverUsesANonceTwice(int victim) {
        try (SimGroup sim = new SimGroup(3, 12)) {
            SimNode bob = sim.node(victim);
            SessionId id = sim.ask(sim.node((victim + 1) % 3), 1);
            for (int life = 1; life < 40 && bob.outcomes.isEmpty(); life++) {
                killAt(sim, bob, 1 + life % 9);
                while (bob.alive() && sim.step()) {}
                if (bob.alive()) {
                    break;
                }
                bob.start();
            }
            killAt(sim, bob, -1);
            sim.run();
            assertThat(sim.outcome((victim + 1) % 3, id)).isPresent();
        }
    }

    @Test
    void allSignersKilledBetweenSigningAndReceivingPartialsEndInANewAttempt() {
        try (SimGroup sim = new SimGroup(3, 13)) {
            SessionId id = sim.ask(sim.node(0), 1);
            while (sim.watch.signatures() < 2) {
                assertThat(sim.step()).isTrue();
            }
            sim.nodes.forEach(SimNode::die);
            assertThat(sim.watch.signatures()).isEqualTo(2);
            sim.nodes.forEach(SimNode::start);
            sim.run();
            for (SimNode node : sim.nodes) {
                assertThat(node.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
            }
            assertThat(sim.watch.signatures())
                    .as("fresh nonces in the second attempt")
                    .isEqualTo(5);
        }
    }

    @Test
    void simulationDetectsAMissingForce() {
        try (SimGroup sim = new SimGroup(3, 14, SigningLimits.DEFAULT, false)) {
            assertThatThrownBy(
                            () -> {
                                sim.ask(sim.node(0), 1);
                                sim.settle();
                            })
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("left before its journal entry was forced");
        }
    }

    @Test
    void simulationDetectsAMissingForceBeforeReady() {
        try (SimGroup sim = new SimGroup(2, 15, SigningLimits.DEFAULT, false)) {
            assertThatThrownBy(
                            () -> {
                                SimNode bob = sim.node(1);
                                SessionId id = sim.ask(sim.node(0), 1);
                                for (int life = 0; life < 4; life++) {
                                    while (sim.watch.generated() < life + 1 && sim.step()) {}
                                    bob.die();
                                    bob.start();
                                }
                                sim.settle();
                                assertThat(bob.outcomes).containsKey(id);
                            })
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void failingDiskStopsSigningAndNothingLeaves() {
        try (SimGroup sim = new SimGroup(3, 16)) {
            SimNode bob = sim.node(1);
            AtomicInteger forces = new AtomicInteger();
            bob.file.failing(() -> forces.incrementAndGet() == 2);
            SessionId id = sim.ask(sim.node(0), 1);
            sim.run();
            assertThat(bob.outcomes.get(id))
                    .isInstanceOfSatisfying(
                            SessionOutcome.Aborted.class,
                            aborted -> assertThat(aborted.code()).isEqualTo("JOURNAL_FAILED"));
            assertThat(sim.outcome(0, id)).get().isNotInstanceOf(SessionOutcome.Signed.class);
            SessionId next = sim.ask(sim.node(0), 1);
            sim.run();
            assertThat(sim.outcome(0, next))
                    .get()
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            refused -> {
                                assertThat(refused.by()).isEqualTo(bob.member);
                                assertThat(refused.code()).isEqualTo("JOURNAL_FAILED");
                            });
            assertThat(sim.watch.unwiped()).isZero();
        }
    }
}
