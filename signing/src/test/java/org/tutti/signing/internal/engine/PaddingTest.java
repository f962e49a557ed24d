package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Messages are kept, journaled and forwarded as received. Unknown protobuf fields must not make
/// them large, because they would fill memory, journal and nonce sets of honest signers.
class PaddingTest extends GroupWithMallory {
    PaddingTest() {
        super(8);
    }

    /// An unknown field, number 100, of this many bytes.
    private static Bytes padded(Bytes payload, int bytes) {
        byte[] head = {
            (byte) 0xa2,
            0x06,
            (byte) ((bytes & 0x7f) | 0x80),
            (byte) (((bytes >> 7) & 0x7f) | 0x80),
            (byte) (bytes >> 14)
        };
        return Bytes.concat(payload, Bytes.concat(Bytes.of(head), Bytes.wrap(new byte[bytes])));
    }

    private Bytes seal(Contribution contribution, int padding) {
        String name = contribution.body().getClass().getSimpleName();
        return ForgedEnvelopes.seal(
                mallory.identity,
                "/tutti/sign/2/" + name.toLowerCase(Locale.ROOT),
                padded(ContributionCodec.encode(contribution), padding));
    }

    @Test
    void paddedStatementIsMalformed() {
        SessionId id = new SessionId(sim.random32());
        Contribution.Ready ready =
                new Contribution.Ready(mallory.attestation(), TestJournals.NO_ENTRY);
        for (Contribution.Body body :
                List.of(
                        ready,
                        new Contribution.Refuse("NO", "no"),
                        new Contribution.Abort("NO", List.of(), "no"))) {
            Contribution c = sim.contribution(id, 1, mallory.index(), body);
            assertThat(rejected(seal(c, 3 << 10))).isEqualTo(DropReason.MALFORMED);
        }
    }

    @Test
    void paddedRequestIsMalformed() {
        SigningRequest request = sim.request(mallory, 1, Duration.ofMinutes(1));
        Bytes padded = padded(request.payload(), 3 << 10);
        assertThat(
                        rejected(
                                ForgedEnvelopes.seal(
                                        mallory.identity, "/tutti/sign/2/request", padded)))
                .isEqualTo(DropReason.MALFORMED);
    }

    @Test
    void moreNoncesPartialsOrSignaturesThanASessionCanHaveAreMalformed() {
        SessionId id = new SessionId(sim.random32());
        int many = sim.limits.requests().messages() + 1;
        for (Contribution.Body body :
                List.of(
                        new Contribution.Nonces(
                                Collections.nCopies(many, Bytes.wrap(new byte[66])),
                                TestJournals.NO_ENTRY),
                        new Contribution.Partials(
                                Collections.nCopies(many, Bytes.wrap(new byte[32])),
                                sim.random32()),
                        new Contribution.Final(
                                Collections.nCopies(many, Bytes.wrap(new byte[64]))))) {
            Contribution c = sim.contribution(id, 1, mallory.index(), body);
            assertThat(rejected(ForgedEnvelopes.seal(mallory.identity, c)))
                    .isEqualTo(DropReason.MALFORMED);
        }
    }

    @Test
    void paddedNoncesAreDroppedSoThatNonceSetsAndJournalEntriesStaySmall() {
        sim.tamper(
                mallory,
                (_, message) -> {
                    boolean nonces =
                            message instanceof Inbound.Statement s
                                    && s.contribution().body() instanceof Contribution.Nonces;
                    return nonces
                            ? List.of(seal(((Inbound.Statement) message).contribution(), 1 << 10))
                            : List.of(message.envelope());
                });
        SessionId id = sim.ask(alice, 1);
        sim.run();
        for (SimNode honest : List.of(alice, bob)) {
            assertThat(honest.engine().dropped(mallory.member, DropReason.MALFORMED)).isPositive();
            assertThat(honest.outcomes.get(id))
                    .isInstanceOfSatisfying(
                            SessionOutcome.Aborted.class,
                            aborted ->
                                    assertThat(
                                                    aborted.by().equals(honest.member)
                                                            ? Named.by(aborted)
                                                            : aborted.claimed())
                                            .containsExactly(mallory.member));
        }
    }

    @Test
    void honestMessagesOfTheLargestSessionAreWithinTheirBounds() {
        SessionId id = sim.ask(alice, sim.limits.requests().messages());
        sim.settle();
        assertThat(sim.outcome(1, id)).get().isInstanceOf(SessionOutcome.Signed.class);
    }

    @Test
    void numberOfVerifiedBadFinalsIsBounded() {
        List<Bytes> good = new ArrayList<>();
        SessionId id = sim.ask(alice, 1);
        while (mallory.outcomes.isEmpty()) {
            assertThat(sim.step()).isTrue();
        }
        SessionOutcome.Signed signed = (SessionOutcome.Signed) sim.outcome(2, id).orElseThrow();
        signed.signatures().forEach(signature -> good.add(signature.bytes()));
        SimNode late = alice.outcomes.isEmpty() ? alice : bob;
        assertThat(late.outcomes).isEmpty();
        Contribution.Final bad = new Contribution.Final(List.of(Bytes.wrap(new byte[64])));
        for (int i = 0; i < 5; i++) {
            late.handle(received(id, bad));
        }
        assertThat(late.engine().dropped(mallory.member, DropReason.BAD_FINAL)).isEqualTo(3);
        late.handle(received(id, new Contribution.Final(good)));
        assertThat(late.engine().dropped(mallory.member, DropReason.TOO_MANY_ANSWERS)).isEqualTo(3);
        sim.settle();
        assertThat(late.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
    }

    private EngineInput received(SessionId id, Contribution.Body body) {
        return new EngineInput.Received(mallory.envelopeSigner().sign(id, 1, body));
    }
}
