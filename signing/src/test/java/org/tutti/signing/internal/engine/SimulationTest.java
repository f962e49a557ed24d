package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/// Whole groups of honest signers under all faults of network and machines: messages in any order,
/// broken connections that lose messages, repeated messages, crashes that lose what was not forced,
/// passing time. Each seed is one run, and repeats exactly.
class SimulationTest {
    @Test
    void honestGroupsSignOrAbortWithATrueCulpritInEveryRun() {
        assertThat(signed(0, 100)).as("outcomes that are signatures").isGreaterThan(500);
    }

    @Test
    @Tag("nightly")
    void honestGroupsSignOrAbortWithATrueCulpritInManyRuns() {
        assertThat(signed(1_000, 20_000)).isGreaterThan(100_000);
    }

    /// SAFETY 35: the relay brings old messages to anybody, hellos too, as if their authors had
    /// said them now.
    @Test
    void theSameHoldsOverARelayThatReordersAndRepeats() {
        assertThat(signed(0, 10, true)).as("outcomes that are signatures").isGreaterThan(30);
    }

    @Test
    @Tag("nightly")
    void theSameHoldsOverARelayInManyRuns() {
        assertThat(signed(1_000, 20_000, true)).isGreaterThan(80_000);
    }

    private static long signed(long from, long to) {
        return signed(from, to, false);
    }

    private static long signed(long from, long to, boolean overRelay) {
        return LongStream.range(from, to).map(seed -> live(seed, overRelay)).sum();
    }

    /// @return how many outcomes were signatures
    private static long live(long seed, boolean overRelay) {
        try {
            return new World(seed, overRelay).live();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private static final class World {
        private final SimGroup sim;
        private final List<SessionId> sessions = new ArrayList<>();
        private final List<Bytes> seen = new ArrayList<>();
        private final Set<Member> unreliable = new HashSet<>();
        private final int crashiness;

        World(long seed, boolean overRelay) {
            this.sim =
                    new SimGroup(
                            2 + (int) (seed % 4), seed, SigningLimits.DEFAULT, true, overRelay);
            this.crashiness = seed % 3 == 0 ? 0 : 60;
        }

        long live() {
            try (sim) {
                int steps = 200 + sim.random.nextInt(400);
                for (int i = 0; i < steps; i++) {
                    oneThing();
                }
                sim.nodes.stream().filter(node -> !node.alive()).forEach(SimNode::start);
                sim.run();
                check();
                return sim.nodes.stream()
                        .flatMap(node -> node.outcomes.values().stream())
                        .filter(SessionOutcome.Signed.class::isInstance)
                        .count();
            }
        }

        private SimNode anyone() {
            return sim.node(sim.random.nextInt(sim.group.size()));
        }

        private void oneThing() {
            int dice = sim.random.nextInt(1_000);
            SimNode node = anyone();
            if (dice < 15 && sessions.size() < 6 && node.alive()) {
                sessions.add(sim.ask(node, 1 + sim.random.nextInt(2)));
            } else if (dice < 35) {
                SimNode other = anyone();
                if (!other.equals(node)) {
                    sim.breakLink(node, other);
                }
            } else if (dice < 35 + crashiness / 4) {
                unreliable.add(node.member);
                if (node.alive()) {
                    node.die();
                }
            } else if (dice < 35 + crashiness && !node.alive()) {
                node.start();
            } else if (dice < 110) {
                repeatSomething(node);
            } else if (dice < 113) {
                sim.passTime();
            } else {
                sim.step();
            }
        }

        /// Delivers an old message again, from its author or forwarded by another member.
        private void repeatSomething(SimNode to) {
            sim.peek().ifPresent(seen::add);
            SimNode from = anyone();
            if (sim.overRelay) {
                repeatAsItsAuthor(to);
            } else if (!seen.isEmpty() && !from.equals(to)) {
                sim.enqueue(from.index(), to.index(), seen.get(sim.random.nextInt(seen.size())));
            }
        }

        private void repeatAsItsAuthor(SimNode to) {
            if (seen.isEmpty()) {
                return;
            }
            Bytes old = seen.get(sim.random.nextInt(seen.size()));
            int author = sim.author(old);
            if (author != to.index()) {
                sim.enqueue(author, to.index(), old);
            }
        }

        private void check() {
            for (SessionId id : sessions) {
                for (SimNode node : sim.nodes) {
                    assertThat(node.engine().liveSessions()).isEmpty();
                    SessionOutcome outcome = node.outcomes.get(id);
                    if (outcome != null) {
                        judge(node, outcome);
                    }
                }
            }
            KeyContexts keys = new KeyContexts(sim.group);
            for (SimNode node : sim.nodes) {
                for (SessionEvent event : node.events) {
                    if (event instanceof SessionEvent.Signed signed) {
                        verify(keys, signed);
                    }
                }
            }
            assertThat(sim.watch.unwiped()).as("secret nonces left").isZero();
        }

        /// Two nodes may have the signatures of two attempts: late partial signatures complete an
        /// earlier one. They are for the same messages.
        private static void verify(KeyContexts keys, SessionEvent.Signed signed) {
            List<MessageToSign> messages = signed.request().messages();
            for (int m = 0; m < messages.size(); m++) {
                assertThat(
                                Schnorr.verify(
                                        keys.of(messages.get(m)).xOnlyKey(),
                                        messages.get(m).hash().toArray(),
                                        signed.signatures().get(m)))
                        .isTrue();
            }
        }

        private void judge(SimNode node, SessionOutcome outcome) {
            switch (outcome) {
                case SessionOutcome.Signed _ -> {}
                case SessionOutcome.Refused refused ->
                        throw new AssertionError(node + " ended with " + refused);
                case SessionOutcome.Aborted aborted -> {
                    assertThat(aborted.evidence())
                            .as("evidence against an honest signer: %s", aborted)
                            .isEmpty();
                    assertThat(aborted.code()).isIn("NO_ANSWER", "ATTEMPTS_EXHAUSTED", "EXPIRED");
                    assertThat(unreliable)
                            .as("%s ended with %s", node, aborted)
                            .containsAll(aborted.culprits());
                }
            }
        }
    }
}
