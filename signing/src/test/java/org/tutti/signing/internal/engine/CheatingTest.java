package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Mallory is the group's last signer. Her engine is honest, and her messages are changed before
/// they are sent.
class CheatingTest {
    private SimGroup sim;
    private SimNode alice;
    private SimNode bob;
    private SimNode carol;
    private SimNode mallory;

    @BeforeEach
    void open() {
        sim = new SimGroup(4, 17);
        alice = sim.node(0);
        bob = sim.node(1);
        carol = sim.node(2);
        mallory = sim.node(3);
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /// Changes the content of mallory's statements; null sends nothing.
    private void malloryChanges(Change change) {
        sim.tamper(
                mallory,
                (to, message) -> {
                    if (!(message instanceof Inbound.Statement statement)) {
                        return List.of(message.envelope());
                    }
                    Contribution c = statement.contribution();
                    List<Bytes> sent = new ArrayList<>();
                    for (Contribution.Body body : change.change(to, c.body())) {
                        sent.add(
                                body.equals(c.body())
                                        ? statement.envelope()
                                        : mallory.envelopeSigner()
                                                .sign(c.session(), c.attempt(), body)
                                                .envelope());
                    }
                    return sent;
                });
    }

    private interface Change {
        List<Contribution.Body> change(int to, Contribution.Body body);
    }

    private SessionOutcome.Aborted aborted(SimNode node, SessionId id) {
        if (node.outcomes.get(id) instanceof SessionOutcome.Aborted outcome) {
            return outcome;
        }
        throw new AssertionError(node + " ended with " + node.outcomes.get(id));
    }

    private void everyHonestSignerBlamesMallory(SessionId id, String code) {
        for (SimNode honest : List.of(alice, bob, carol)) {
            SessionOutcome.Aborted outcome = aborted(honest, id);
            assertThat(outcome.code()).isEqualTo(code);
            assertThat(outcome.by()).isNotEqualTo(mallory.member);
            boolean own = outcome.by().equals(honest.member);
            assertThat(own ? Named.by(outcome) : outcome.claimed()).containsExactly(mallory.member);
            assertThat(own ? outcome.claimed() : Named.by(outcome)).isEmpty();
        }
        assertThat(sim.watch.unwiped()).isZero();
    }

    private void everyHonestSignerProvesItWasMallory(SessionId id, String code) {
        everyHonestSignerBlamesMallory(id, code);
        for (SimNode honest : List.of(alice, bob, carol)) {
            assertThat(aborted(honest, id).by()).isEqualTo(honest.member);
            assertThat(aborted(honest, id).evidence()).isPresent();
            assertThat(aborted(honest, id).culprits()).containsExactly(mallory.member);
            assertThat(honest.evidence).hasSize(1);
        }
    }

    private void evidenceProvesItWasMallory(SimNode holder, Evidence.Kind kind) {
        assertThat(holder.evidence).hasSize(1);
        Bytes file = holder.evidence.values().iterator().next();
        assertThat(Evidence.verify(file))
                .isInstanceOfSatisfying(
                        Verdict.Guilty.class,
                        guilty -> {
                            assertThat(guilty.signer()).isEqualTo(mallory.index());
                            assertThat(guilty.peerId()).isEqualTo(mallory.member.peerId());
                            assertThat(guilty.signingKey())
                                    .isEqualTo(mallory.member.signingKey().bytes());
                            assertThat(guilty.kind()).isEqualTo(kind);
                        });
    }

    private static Contribution.Nonces otherNonces(Contribution.Nonces body) {
        // The two points of the nonce in reverse order are a valid nonce too.
        Bytes nonce = body.nonces().getFirst();
        Bytes swapped = Bytes.concat(nonce.slice(33, 66), nonce.slice(0, 33));
        return new Contribution.Nonces(List.of(swapped), body.head());
    }

    private static Contribution.Partials otherPartials(Contribution.Partials body) {
        byte[] partial = body.partials().getFirst().toArray();
        partial[31] ^= 1;
        return new Contribution.Partials(List.of(Bytes.wrap(partial)), body.nonceSetHash());
    }

    @Test
    void badPartialSignatureBlamesItsSignerAndTheEvidenceVerifies() {
        malloryChanges((_, body) ->
                List.of(body instanceof Contribution.Partials p ? otherPartials(p) : body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "BAD_PARTIAL");
        SimNode first =
                List.of(alice, bob, carol).stream()
                        .filter(node -> aborted(node, id).by().equals(node.member))
                        .findFirst()
                        .orElseThrow();
        evidenceProvesItWasMallory(first, Evidence.Kind.BAD_PARTIAL);
        assertThat(aborted(first, id).evidence()).isPresent();
    }

    @Test
    void differentNoncesToDifferentSignersAreDetectedByComparingNonceSets() {
        malloryChanges((to, body) ->
                List.of(
                        body instanceof Contribution.Nonces n && to == bob.index()
                                ? otherNonces(n)
                                : body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "EQUIVOCATION");
        for (SimNode honest : List.of(alice, bob, carol)) {
            if (aborted(honest, id).by().equals(honest.member)) {
                evidenceProvesItWasMallory(honest, Evidence.Kind.EQUIVOCATION);
            }
        }
    }

    @Test
    void twoDifferentNoncesToOneSignerProveEquivocation() {
        malloryChanges((_, body) ->
                body instanceof Contribution.Nonces n ? List.of(n, otherNonces(n)) : List.of(body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "EQUIVOCATION");
    }

    @Test
    void twoDifferentReadyMessagesProveEquivocation() {
        malloryChanges((_, body) ->
                body instanceof Contribution.Ready r
                        ? List.of(
                                r,
                                new Contribution.Ready(
                                        r.attestation(),
                                        TestJournals.head(r.head().count() + 1, r.head().hash())))
                        : List.of(body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "EQUIVOCATION");
    }

    @Test
    void nonceThatIsNotAPointBlamesItsSigner() {
        malloryChanges((_, body) ->
                List.of(
                        body instanceof Contribution.Nonces n
                                ? new Contribution.Nonces(
                                        List.of(Bytes.wrap(new byte[66])), n.head())
                                : body));
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        everyHonestSignerBlamesMallory(id, "BAD_CONTRIBUTION");
    }

    @Test
    void tooFewNoncesBlameTheirSigner() {
        malloryChanges((_, body) ->
                List.of(
                        body instanceof Contribution.Nonces n
                                ? new Contribution.Nonces(n.nonces().subList(0, 1), n.head())
                                : body));
        SessionId id = sim.ask(bob, 2);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "BAD_CONTRIBUTION");
    }

    @Test
    void partialSignatureAboveTheGroupOrderBlamesItsSigner() {
        Bytes tooLarge = Bytes.fromHex("ff".repeat(32));
        malloryChanges((_, body) ->
                List.of(
                        body instanceof Contribution.Partials p
                                ? new Contribution.Partials(List.of(tooLarge), p.nonceSetHash())
                                : body));
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "BAD_CONTRIBUTION");
    }

    @Test
    void wrongAttestationIsRefusedWithItsCode() {
        malloryChanges((_, body) ->
                List.of(
                        body instanceof Contribution.Ready r
                                ? new Contribution.Ready(alice.attestation(), r.head())
                                : body));
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        everyHonestSignerBlamesMallory(id, "BAD_VOUCH");
    }

    @Test
    void nonceSetThatIsNamedButNotSentMakesItsAuthorTheHoldout() {
        Bytes lie = sim.random32();
        malloryChanges((_, body) ->
                switch (body) {
                    case Contribution.Partials p ->
                            List.of(new Contribution.Partials(p.partials(), lie));
                    case Contribution.NonceSet _, Contribution.Final _ -> List.of();
                    default -> List.of(body);
                });
        SessionId id = sim.ask(alice, 1);
        sim.run();
        for (SimNode honest : List.of(alice, bob, carol)) {
            // She has the signature and is silent from then on.
            assertThat(aborted(honest, id).code()).isIn("ATTEMPTS_EXHAUSTED", "NO_ANSWER");
            assertThat(aborted(honest, id).observed()).containsExactly(mallory.member);
        }
    }

    @Test
    void nonceSetThatIsNotTheNamedOneBlamesItsAuthor() {
        Bytes lie = sim.random32();
        // Her engine has no reason to send its nonce set, so the test sends one.
        SimGroup.Tamper lying =
                (_, message) -> {
                    if (!(message instanceof Inbound.Statement s
                            && s.contribution().body() instanceof Contribution.Partials p)) {
                        return List.of(message.envelope());
                    }
                    Contribution c = s.contribution();
                    return List.of(
                            mallory.envelopeSigner()
                                    .sign(
                                            c.session(),
                                            c.attempt(),
                                            new Contribution.Partials(p.partials(), lie))
                                    .envelope(),
                            mallory.envelopeSigner()
                                    .sign(
                                            c.session(),
                                            c.attempt(),
                                            new Contribution.NonceSet(
                                                    List.of(s.envelope()), List.of()))
                                    .envelope());
                };
        sim.tamper(mallory, lying);
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "BAD_VIEW");
        for (SimNode honest : List.of(alice, bob, carol)) {
            if (aborted(honest, id).by().equals(honest.member)) {
                evidenceProvesItWasMallory(honest, Evidence.Kind.BAD_VIEW);
            }
        }
    }

    @Test
    void nonceSetWithForgedNoncesOfAnHonestSignerBlamesItsSender() {
        PrivateKey stranger = Keys.generate(KeyType.ED25519, sim.secureRandom);
        List<Bytes> seen = new ArrayList<>();
        sim.tamper(
                mallory,
                (_, message) -> {
                    if (message instanceof Inbound.Statement s
                            && s.contribution().body() instanceof Contribution.Partials p) {
                        Contribution c = s.contribution();
                        Contribution forged =
                                sim.contribution(
                                        c.session(),
                                        c.attempt(),
                                        alice.index(),
                                        new Contribution.Nonces(List.of(), TestJournals.NO_ENTRY));
                        Bytes forgery = ForgedEnvelopes.seal(stranger, forged);
                        List<Bytes> envelopes = List.of(forgery, forgery, forgery, forgery);
                        seen.add(forgery);
                        return List.of(
                                mallory.envelopeSigner()
                                        .sign(
                                                c.session(),
                                                c.attempt(),
                                                new Contribution.Partials(
                                                        p.partials(), sim.random32()))
                                        .envelope(),
                                mallory.envelopeSigner()
                                        .sign(
                                                c.session(),
                                                c.attempt(),
                                                new Contribution.NonceSet(
                                                        envelopes, sim.attestations()))
                                        .envelope());
                    }
                    return List.of(message.envelope());
                });
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        assertThat(seen).isNotEmpty();
        for (SimNode honest : List.of(alice, bob, carol)) {
            // Her two Partials messages differ too; either way she is the one blamed.
            SessionOutcome.Aborted how = aborted(honest, id);
            assertThat(how.by().equals(honest.member) ? Named.by(how) : how.claimed())
                    .containsExactly(mallory.member);
        }
    }

    @Test
    void silentSignerIsBlamedWhenReadinessEnds() {
        malloryChanges((_, _) -> List.of());
        SessionId id = sim.ask(alice, 1);
        sim.run();
        everyHonestSignerBlamesMallory(id, "NO_ANSWER");
        // Her own: she received the Ready of the others, and they did not receive hers.
        assertThat(sim.watch.generated()).as("no nonce is made before all are ready").isEqualTo(1);
    }

    @Test
    void signerThatIsReadyAndThenSilentIsTheHoldoutOfEveryAttempt() {
        malloryChanges(
                (_, body) -> body instanceof Contribution.Nonces ? List.of() : List.of(body));
        SessionId id = sim.ask(alice, 1);
        sim.run();
        everyHonestSignerBlamesMallory(id, "ATTEMPTS_EXHAUSTED");
        assertThat(sim.watch.signatures())
                .as("hers alone")
                .isEqualTo(sim.limits.attempts().failed());
    }

    @Test
    void messageWithheldFromSomeReachesThemThroughTheOthers() {
        for (Function<Contribution.Body, Boolean> phase :
                List.<Function<Contribution.Body, Boolean>>of(
                        body -> body instanceof Contribution.Ready,
                        body -> body instanceof Contribution.Nonces,
                        body -> body instanceof Contribution.Partials)) {
            malloryChanges((to, body) ->
                    to == alice.index() && phase.apply(body) ? List.of() : List.of(body));
            SessionId id = sim.ask(bob, 1);
            sim.run();
            for (SimNode honest : List.of(alice, bob, carol)) {
                assertThat(honest.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
            }
        }
    }

    @Test
    void requestWithheldFromSomeReachesThemThroughTheOthers() {
        sim.tamper(
                mallory,
                (to, message) ->
                        to == carol.index() && message instanceof Inbound.Request
                                ? List.of()
                                : List.of(message.envelope()));
        SessionId id = sim.ask(mallory, 1);
        sim.run();
        assertThat(carol.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void partialSignaturesSentToOnlyOneSignerDoNotKeepTheOthersFromTheSignature() {
        malloryChanges((to, body) -> {
            boolean kept = body instanceof Contribution.Partials && to != bob.index();
            return kept || body instanceof Contribution.RetransmissionRequest
                    ? List.of()
                    : List.of(body);
        });
        SessionId id = sim.ask(alice, 1);
        sim.run();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
        assertThat(carol.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void forgedFinalIsDropped() {
        Bytes nonsense = Bytes.wrap(new byte[64]);
        malloryChanges((_, body) ->
                body instanceof Contribution.Nonces
                        ? List.of(new Contribution.Final(List.of(nonsense)), body)
                        : List.of(body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
        assertThat(alice.engine().dropped(mallory.member, DropReason.BAD_FINAL)).isEqualTo(1);
    }

    @Test
    void signerThatKeepsRaisingTheAttemptEndsTheSession() {
        sim.tamper(
                mallory,
                (_, message) -> {
                    List<Bytes> sent = new ArrayList<>(List.of(message.envelope()));
                    if (message instanceof Inbound.Statement s
                            && s.contribution().body() instanceof Contribution.Ready
                            && s.contribution().attempt() <= 17) {
                        sent.add(
                                mallory.envelopeSigner()
                                        .sign(
                                                s.contribution().session(),
                                                s.contribution().attempt() + 1,
                                                s.contribution().body())
                                        .envelope());
                    }
                    return sent;
                });
        SessionId id = sim.ask(alice, 1);
        sim.run();
        assertThat(alice.outcomes).containsKey(id);
        assertThat(sim.watch.unwiped()).isZero();
    }

    /// In place of her partial signatures she sends an Abort with these envelopes as proof.
    private SessionId malloryBlamesAlice(Function<List<Inbound.Statement>, List<Bytes>> proof) {
        malloryChanges((_, body) ->
                body instanceof Contribution.Partials
                        ? List.of(
                                new Contribution.Abort(
                                        "BAD_PARTIAL",
                                        List.of(alice.index()),
                                        "alice cheated",
                                        proof.apply(sim.said(alice))))
                        : List.of(body));
        SessionId id = sim.ask(bob, 1);
        sim.settle();
        return id;
    }

    @Test
    void abortWithoutProofIsAClaimAndBlamesNobody() {
        SessionId id = malloryBlamesAlice(_ -> List.of());
        for (SimNode honest : List.of(alice, bob, carol)) {
            SessionOutcome.Aborted outcome = aborted(honest, id);
            assertThat(outcome.by()).isEqualTo(mallory.member);
            assertThat(outcome.culprits()).isEmpty();
            assertThat(outcome.claimed()).containsExactly(alice.member);
            assertThat(outcome.evidence()).isEmpty();
            assertThat(honest.evidence).isEmpty();
        }
    }

    @Test
    void honestMessagesSentAsProofProveNothing() {
        SessionId id =
                malloryBlamesAlice(said ->
                        said.stream().skip(1).limit(2).map(Inbound.Statement::envelope).toList());
        for (SimNode honest : List.of(alice, bob, carol)) {
            SessionOutcome.Aborted outcome = aborted(honest, id);
            assertThat(outcome.by()).isEqualTo(mallory.member);
            assertThat(outcome.culprits()).isEmpty();
            assertThat(honest.evidence).isEmpty();
        }
    }

    @Test
    void proofThatIsNotAMessageIsCountedAgainstItsSender() {
        SessionId id = malloryBlamesAlice(_ -> List.of(Bytes.of(new byte[] {1})));
        assertThat(aborted(bob, id).culprits()).isEmpty();
        assertThat(bob.engine().dropped(mallory.member, DropReason.BAD_ENVELOPE)).isEqualTo(1);
    }

    @Test
    void proofThatTheOthersHaveNotReceivedConvincesThemToo() {
        // Only bob receives her second nonces; the others check the proof that he sends.
        malloryChanges((to, body) ->
                body instanceof Contribution.Nonces n && to == bob.index()
                        ? List.of(n, otherNonces(n))
                        : List.of(body));
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        everyHonestSignerProvesItWasMallory(id, "EQUIVOCATION");
    }
}
