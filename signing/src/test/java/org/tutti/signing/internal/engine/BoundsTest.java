package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.List;

/// Bounds other than those of a single message (which are in [BadInputTest]).
class BoundsTest {
    private static SigningLimits finishedSessions(int max) {
        return limits(
                max,
                SigningLimits.DEFAULT.finished().signatures(),
                SigningLimits.DEFAULT.live().requestBytes());
    }

    private static SigningLimits limits(int max, int signatures, int requestBytes) {
        int answers = SigningLimits.DEFAULT.finished().answers();
        return SigningLimits.DEFAULT
                .with(new SigningLimits.Live(4, 4, requestBytes, 1 << 20))
                .with(new SigningLimits.Finished(max, signatures, answers));
    }

    private static void isSigned(SimGroup sim, SessionId id) {
        assertThat(sim.outcome(0, id)).get().isInstanceOf(SessionOutcome.Signed.class);
    }

    private static void isBusy(SimGroup sim, SessionId id) {
        assertThat(sim.outcome(0, id))
                .get()
                .isInstanceOfSatisfying(
                        SessionOutcome.Refused.class, r -> assertThat(r.code()).isEqualTo("BUSY"));
    }

    private static SessionId signed(SimGroup sim, SimNode requester) {
        SessionId id = sim.ask(requester, 1);
        sim.settle();
        return id;
    }

    @Test
    void oneRequesterTakesAtMostHalfOfTheFinishedSessions() {
        try (SimGroup sim = new SimGroup(3, 37, finishedSessions(6), true)) {
            SimNode mallory = sim.node(2);
            for (int i = 0; i < 3; i++) {
                isSigned(sim, signed(sim, mallory));
            }
            SessionId fourth = sim.ask(mallory, 1);
            assertThat(sim.outcome(2, fourth)).get().isInstanceOf(SessionOutcome.Refused.class);
            sim.node(0)
                    .handle(
                            new EngineInput.Received(
                                    mallory.envelopeSigner()
                                            .sign(sim.request(mallory, 1, Duration.ofMinutes(1)))));
            assertThat(sim.node(0).engine().dropped(mallory.member, DropReason.TOO_MANY_SESSIONS))
                    .isEqualTo(1);
            isSigned(sim, signed(sim, sim.node(1)));
        }
    }

    @Test
    void finishedSignaturesAreBounded() {
        SigningLimits limits = limits(100, 4, SigningLimits.DEFAULT.live().requestBytes());
        try (SimGroup sim = new SimGroup(2, 38, limits, true)) {
            SessionId large = sim.ask(sim.node(0), 4);
            sim.settle();
            isSigned(sim, large);
            isBusy(sim, signed(sim, sim.node(0)));
            sim.now = sim.now.plus(Duration.ofHours(1));
            isSigned(sim, signed(sim, sim.node(0)));
        }
    }

    @Test
    void requestsOfLiveSessionsAreBoundedInBytesAndOneRequesterTakesAtMostHalf() {
        try (SimGroup sim = new SimGroup(3, 39, limits(100, 100, 2_000), true)) {
            sim.nodes.forEach(node -> node.approval = _ -> null);
            SimNode alice = sim.node(0);
            for (SimNode other : List.of(sim.node(1), sim.node(2))) {
                for (int i = 0; i < 4; i++) {
                    alice.handle(
                            new EngineInput.Received(
                                    other.envelopeSigner()
                                            .sign(sim.request(other, 1, Duration.ofMinutes(1)))));
                }
                assertThat(alice.engine().dropped(other.member, DropReason.TOO_MANY_SESSIONS))
                        .isPositive()
                        .isLessThan(4);
            }
            assertThat(alice.engine().liveSessions()).hasSizeGreaterThan(2);
        }
    }

    @Test
    void finishedSessionsAreNeverForgottenBeforeTheyExpireSoNewOnesAreRefused() {
        try (SimGroup sim = new SimGroup(2, 31, finishedSessions(6), true)) {
            for (int i = 0; i < 6; i++) {
                isSigned(sim, signed(sim, sim.node(i % 2)));
            }
            SessionId refused = sim.ask(sim.node(0), 1);
            sim.settle();
            assertThat(sim.outcome(0, refused))
                    .get()
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            r -> assertThat(r.code()).isEqualTo("BUSY"));
            sim.now = sim.now.plus(Duration.ofHours(1));
            SessionId later = sim.ask(sim.node(0), 1);
            sim.settle();
            assertThat(sim.outcome(0, later)).get().isInstanceOf(SessionOutcome.Signed.class);
        }
    }

    @Test
    void nodeAtItsLimitRefusesToAllSoThatNobodyWaits() {
        try (SimGroup sim = new SimGroup(3, 32, finishedSessions(100), true)) {
            sim.nodes.forEach(node -> node.approval = _ -> null);
            SimNode alice = sim.node(0);
            SimNode bob = sim.node(1);
            for (int i = 0; i < 4; i++) {
                alice.handle(
                        new EngineInput.Received(
                                bob.envelopeSigner()
                                        .sign(sim.request(bob, 1, Duration.ofMinutes(1)))));
            }
            SessionId id = sim.ask(bob, 1);
            sim.settle();
            assertThat(sim.outcome(2, id))
                    .get()
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            r -> {
                                assertThat(r.code()).isEqualTo("BUSY");
                                assertThat(r.by()).isEqualTo(alice.member);
                            });
        }
    }

    @Test
    void tooManyMessagesForSoManySignersAreRefused() {
        try (SimGroup sim = new SimGroup(60, 33)) {
            SessionId id = sim.ask(sim.node(0), 256);
            assertThat(sim.outcome(0, id))
                    .get()
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            r -> assertThat(r.code()).isEqualTo("TOO_LARGE"));
        }
    }

    @Test
    void droppedMessagesAreReportedAtPowersOfTwo() {
        try (SimGroup sim = new SimGroup(2, 35)) {
            SimNode alice = sim.node(0);
            for (int i = 0; i < 100; i++) {
                alice.handle(new EngineInput.Rejected(1, DropReason.BAD_ENVELOPE));
            }
            assertThat(alice.events.stream().filter(SessionEvent.Dropped.class::isInstance))
                    .hasSize(7);
        }
    }

    @Test
    void printedValuesContainNoSecret() {
        try (SimGroup sim = new SimGroup(3, 36)) {
            sim.ask(sim.node(0), 2);
            sim.settle();
            StringBuilder printed = new StringBuilder();
            for (SimNode node : sim.nodes) {
                printed.append(node.events).append(node.outcomes).append(node.envelopeSigner());
                printed.append(node.signer()).append(node.engine().liveSessions()).append(node.key);
            }
            for (SimNode node : sim.nodes) {
                assertThat(printed.toString())
                        .doesNotContain(Bytes.wrap(node.key.export()).toHex())
                        .doesNotContain(Bytes.wrap(node.identity.toProtobuf()).toHex());
            }
        }
    }
}
