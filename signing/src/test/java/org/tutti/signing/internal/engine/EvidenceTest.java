package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.TestJournals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Evidence is checked by a third party: what is proven stays proven, changed evidence proves
/// nothing, and nothing is proven against an honest signer.
class EvidenceTest {
    private SimGroup sim;
    private SimNode alice;
    private SimNode mallory;

    @BeforeEach
    void open() {
        sim = new SimGroup(3, 21);
        alice = sim.node(0);
        mallory = sim.node(2);
    }

    @AfterEach
    void close() {
        sim.close();
    }

    private Evidence badPartial() {
        sim.tamper(
                mallory,
                (_, message) -> {
                    if (message instanceof Inbound.Statement s
                            && s.contribution().body() instanceof Contribution.Partials p) {
                        byte[] bad = p.partials().getFirst().toArray();
                        bad[20] ^= 1;
                        Contribution.Partials other =
                                new Contribution.Partials(
                                        List.of(Bytes.wrap(bad)), p.nonceSetHash());
                        Contribution c = s.contribution();
                        return List.of(
                                mallory.envelopeSigner()
                                        .sign(c.session(), c.attempt(), other)
                                        .envelope());
                    }
                    return List.of(message.envelope());
                });
        sim.ask(alice, 1);
        sim.settle();
        Bytes file =
                sim.nodes.stream()
                        .flatMap(node -> node.evidence.values().stream())
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        return Evidence.decode(file).orElseThrow();
    }

    private static Verdict verdict(Evidence evidence) {
        return Evidence.verify(evidence.encode());
    }

    @Test
    void evidenceIsEqualAfterEncodingAndDecoding() {
        Evidence evidence = badPartial();
        assertThat(Evidence.decode(evidence.encode())).contains(evidence);
        assertThat(verdict(evidence)).isInstanceOf(Verdict.Guilty.class);
    }

    @Test
    void everyChangedByteOfAFileProvesNothingOrTheSame() {
        Bytes file = badPartial().encode();
        Verdict truth = Evidence.verify(file);
        byte[] bytes = file.toArray();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 << (i % 8));
            Verdict verdict = Evidence.verify(Bytes.wrap(changed));
            if (verdict instanceof Verdict.Guilty guilty) {
                // Only bytes without meaning for the proof may be changed without changing the
                // verdict.
                assertThat(guilty).as("byte %d", i).isEqualTo(truth);
            }
        }
    }

    @Test
    void truncatedFileProvesNothing() {
        Bytes file = badPartial().encode();
        for (int i = 0; i < file.length(); i += 7) {
            assertThat(Evidence.verify(file.slice(0, i))).isInstanceOf(Verdict.NotProven.class);
        }
        assertThat(Evidence.verify(Bytes.wrap(new byte[Evidence.MAX_BYTES + 1])))
                .isInstanceOf(Verdict.NotProven.class);
    }

    @Test
    void evidenceProvesNothingAgainstAnotherSigner() {
        Evidence e = badPartial();
        for (int other : new int[] {0, 1, 3, Integer.MAX_VALUE}) {
            Evidence framed =
                    new Evidence(
                            e.kind(),
                            other,
                            e.request(),
                            e.attestingReady(),
                            e.nonces(),
                            e.proof());
            assertThat(verdict(framed)).isInstanceOf(Verdict.NotProven.class);
        }
    }

    @Test
    void noncesOtherThanTheOnesSignedForProveNothing() {
        Evidence e = badPartial();
        List<Bytes> swapped = new ArrayList<>(e.nonces());
        swapped.set(0, e.nonces().get(1));
        assertThat(
                        verdict(
                                new Evidence(
                                        e.kind(),
                                        e.culprit(),
                                        e.request(),
                                        e.attestingReady(),
                                        swapped,
                                        e.proof())))
                .isInstanceOf(Verdict.NotProven.class);
        // The accuser afterwards signs other nonces of its own, so that an honest partial signature
        // no longer verifies.
        Inbound.Statement honest = partialsOf(alice);
        Contribution c = honest.contribution();
        Bytes invented =
                mallory.envelopeSigner()
                        .sign(
                                c.session(),
                                c.attempt(),
                                new Contribution.Nonces(
                                        List.of(sim.random32()).subList(0, 0),
                                        TestJournals.NO_ENTRY))
                        .envelope();
        List<Bytes> nonces = new ArrayList<>(e.nonces());
        nonces.set(mallory.index(), invented);
        Evidence framing =
                new Evidence(
                        Evidence.Kind.BAD_PARTIAL,
                        alice.index(),
                        e.request(),
                        readyOf(alice).envelope(),
                        nonces,
                        List.of(honest.envelope()));
        assertThat(verdict(framing)).isInstanceOf(Verdict.NotProven.class);
    }

    @Test
    void honestPartialSignaturesProveNothing() {
        Evidence e = badPartial();
        Evidence framing =
                new Evidence(
                        Evidence.Kind.BAD_PARTIAL,
                        alice.index(),
                        e.request(),
                        readyOf(alice).envelope(),
                        e.nonces(),
                        List.of(partialsOf(alice).envelope()));
        assertThat(verdict(framing))
                .isInstanceOfSatisfying(
                        Verdict.NotProven.class, v -> assertThat(v.reason()).contains("verify"));
    }

    @Test
    void sameMessageTwiceOrTwoPhasesAreNotEquivocation() {
        Evidence e = badPartial();
        Bytes partials = partialsOf(alice).envelope();
        Bytes ready = readyOf(alice).envelope();
        for (List<Bytes> proof :
                List.of(List.of(partials, partials), List.of(ready, partials), List.of(ready))) {
            Evidence framing =
                    new Evidence(
                            Evidence.Kind.EQUIVOCATION,
                            alice.index(),
                            e.request(),
                            ready,
                            List.of(),
                            proof);
            assertThat(verdict(framing)).isInstanceOf(Verdict.NotProven.class);
        }
    }

    @Test
    void messagesOfTwoAttemptsAreNotEquivocation() {
        Evidence e = badPartial();
        Contribution c = readyOf(mallory).contribution();
        Bytes later =
                mallory.envelopeSigner().sign(c.session(), c.attempt() + 1, c.body()).envelope();
        Evidence framing =
                new Evidence(
                        Evidence.Kind.EQUIVOCATION,
                        mallory.index(),
                        e.request(),
                        e.attestingReady(),
                        List.of(),
                        List.of(e.attestingReady(), later));
        assertThat(verdict(framing)).isInstanceOf(Verdict.NotProven.class);
    }

    @Test
    void attestationOfAnotherSigningKeyProvesNothing() {
        Evidence e = badPartial();
        Contribution c = readyOf(mallory).contribution();
        Bytes stolen =
                mallory.envelopeSigner()
                        .sign(
                                c.session(),
                                1,
                                new Contribution.Ready(alice.attestation(), TestJournals.NO_ENTRY))
                        .envelope();
        Evidence weak =
                new Evidence(e.kind(), e.culprit(), e.request(), stolen, e.nonces(), e.proof());
        assertThat(verdict(weak))
                .isInstanceOfSatisfying(
                        Verdict.NotProven.class,
                        v -> assertThat(v.reason()).contains("attest the peer id"));
    }

    @Test
    void honestNoncesAndPartialsAreNotBadContributions() {
        Evidence e = badPartial();
        for (Bytes proof :
                List.of(
                        partialsOf(alice).envelope(),
                        e.nonces().get(0),
                        readyOf(alice).envelope())) {
            Evidence framing =
                    new Evidence(
                            Evidence.Kind.BAD_CONTRIBUTION,
                            alice.index(),
                            e.request(),
                            readyOf(alice).envelope(),
                            List.of(),
                            List.of(proof));
            assertThat(verdict(framing)).isInstanceOf(Verdict.NotProven.class);
        }
    }

    private Inbound.Statement readyOf(SimNode node) {
        return statement(node, Contribution.Ready.class);
    }

    private Inbound.Statement partialsOf(SimNode node) {
        return statement(node, Contribution.Partials.class);
    }

    private Inbound.Statement statement(SimNode node, Class<? extends Contribution.Body> kind) {
        return sim.said(node).stream()
                .filter(s -> kind.isInstance(s.contribution().body()))
                .findFirst()
                .orElseThrow();
    }
}
