package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/// Mallory cheats at random, differently towards each signer: she sends nothing, sends a message
/// twice, changes it, repeats one of another phase or session, blames others, sends false nonce
/// sets, skips attempts. Whatever she does, no honest signer is ever blamed with evidence, every
/// session ends, and no nonce signs twice.
class RandomCheatingTest {
    private static final Set<String> PROVEN =
            Set.of("EQUIVOCATION", "BAD_PARTIAL", "BAD_CONTRIBUTION", "BAD_VIEW", "BAD_VOUCH");

    @Test
    void noHonestSignerIsEverBlamed() {
        assertThat(LongStream.range(0, 30).map(RandomCheatingTest::live).sum())
                .as("sessions that ended with evidence")
                .isGreaterThan(10);
    }

    @Test
    @Tag("nightly")
    void noHonestSignerIsEverBlamedInManyRandomRuns() {
        assertThat(LongStream.range(1_000, 10_000).map(RandomCheatingTest::live).sum())
                .isGreaterThan(3_000);
    }

    private static long live(long seed) {
        try (SimGroup sim = new SimGroup(3 + (int) (seed % 2), seed)) {
            return new RandomCheatingTest().live(sim);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private final List<Bytes> said = new ArrayList<>();

    private long live(SimGroup sim) {
        SimNode mallory = sim.node(sim.random.nextInt(sim.group.size()));
        int cheatingPercent = 2 + sim.random.nextInt(30);
        sim.tamper(
                mallory,
                (_, message) -> {
                    said.add(message.envelope());
                    return sim.random.nextInt(100) < cheatingPercent
                            ? cheat(sim, mallory, message)
                            : List.of(message.envelope());
                });
        List<SessionId> sessions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sessions.add(sim.ask(sim.node(sim.random.nextInt(sim.group.size())), 1));
            for (int steps = sim.random.nextInt(60); steps > 0; steps--) {
                sim.step();
            }
        }
        sim.run();
        return sessions.stream().filter(id -> judge(sim, mallory, id)).count();
    }

    private List<Bytes> cheat(SimGroup sim, SimNode mallory, Inbound message) {
        if (!(message instanceof Inbound.Statement s)) {
            return List.of();
        }
        Contribution c = s.contribution();
        List<Bytes> out = new ArrayList<>();
        switch (sim.random.nextInt(9)) {
            case 0 -> {}
            case 1 -> out.addAll(List.of(s.envelope(), s.envelope()));
            case 2 -> out.add(say(mallory, c, change(sim, c.body())));
            case 3 -> out.addAll(List.of(s.envelope(), say(mallory, c, change(sim, c.body()))));
            case 4 -> out.addAll(List.of(said.get(sim.random.nextInt(said.size())), s.envelope()));
            case 5 ->
                    out.addAll(
                            List.of(
                                    mallory.envelopeSigner()
                                            .sign(
                                                    c.session(),
                                                    c.attempt() + 1 + leap(sim),
                                                    c.body())
                                            .envelope(),
                                    s.envelope()));
            case 6 ->
                    out.addAll(
                            List.of(
                                    say(
                                            mallory,
                                            c,
                                            new Contribution.NonceSet(
                                                    List.of(
                                                            said.get(
                                                                    sim.random.nextInt(
                                                                            said.size()))),
                                                    sim.attestations())),
                                    s.envelope()));
            case 7 ->
                    out.addAll(
                            List.of(
                                    s.envelope(),
                                    say(
                                            mallory,
                                            c,
                                            new Contribution.Final(
                                                    List.of(Bytes.wrap(new byte[64]))))));
            default ->
                    out.addAll(
                            List.of(
                                    s.envelope(),
                                    say(
                                            mallory,
                                            c,
                                            new Contribution.RetransmissionRequest(
                                                    Contribution.Phase.PARTIALS,
                                                    List.of(0, 1, 2)))));
        }
        return out;
    }

    /// Mostly the next attempt, sometimes a much later one.
    private static int leap(SimGroup sim) {
        return sim.random.nextInt(4) > 0 ? 0 : sim.random.nextInt(600);
    }

    private static Bytes say(SimNode mallory, Contribution c, Contribution.Body body) {
        return mallory.envelopeSigner().sign(c.session(), c.attempt(), body).envelope();
    }

    private static Contribution.Body change(SimGroup sim, Contribution.Body body) {
        return switch (body) {
            case Contribution.Ready r ->
                    new Contribution.Ready(
                            r.attestation(),
                            TestJournals.head(sim.random.nextInt(9), sim.random32()));
            case Contribution.Nonces n -> {
                Bytes nonce = n.nonces().getFirst();
                Bytes swapped = Bytes.concat(nonce.slice(33, 66), nonce.slice(0, 33));
                yield new Contribution.Nonces(List.of(swapped), n.head());
            }
            case Contribution.Partials p ->
                    sim.random.nextBoolean()
                            ? new Contribution.Partials(List.of(sim.random32()), p.nonceSetHash())
                            : new Contribution.Partials(p.partials(), sim.random32());
            case Contribution.NonceSet _ -> new Contribution.NonceSet(List.of(), List.of());
            case Contribution.Abort _,
                    Contribution.Refuse _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    body;
        };
    }

    /// @return whether an honest signer has evidence against mallory
    private static boolean judge(SimGroup sim, SimNode mallory, SessionId id) {
        boolean convicted = false;
        for (SimNode node : sim.nodes) {
            assertThat(node.engine().liveSessions()).isEmpty();
            for (Bytes file : node.evidence.values()) {
                assertThat(Evidence.verify(file))
                        .isInstanceOfSatisfying(
                                Verdict.Guilty.class,
                                guilty -> assertThat(guilty.signer()).isEqualTo(mallory.index()));
            }
            if (node.outcomes.get(id) instanceof SessionOutcome.Aborted aborted
                    && aborted.by().equals(node.member)
                    && PROVEN.contains(aborted.code())) {
                assertThat(Named.by(aborted)).as("%s", aborted).containsExactly(mallory.member);
                convicted = true;
            }
        }
        return convicted;
    }
}
