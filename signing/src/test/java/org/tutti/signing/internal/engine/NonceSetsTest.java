package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.request.SigningRequest;

import java.util.ArrayList;
import java.util.List;

class NonceSetsTest {
    private static final int MAX_ENVELOPE = 10_000;
    private static final NonceSets.Finding FALSE = new NonceSets.Finding.NotTheOneSignedFor();

    private final OneEngine alice = new OneEngine();
    private final SigningRequest request = alice.fixture.request(1, 1);
    private final List<Statement> own =
            List.of(
                    alice.nonces(0, request, 1),
                    alice.nonces(1, request, 1),
                    alice.nonces(2, request, 1));

    @AfterEach
    void close() {
        alice.close();
    }

    private static Bytes hash(List<Statement> nonces) {
        return NonceSetHash.of(nonces.stream().map(Statement::payload).toList());
    }

    private NonceSets.Finding compare(List<Statement> other, Bytes claimed) {
        return NonceSets.compare(set(other), claimed, own, MAX_ENVELOPE);
    }

    private Contribution.NonceSet set(List<Statement> nonces) {
        return new Contribution.NonceSet(
                nonces.stream().map(Statement::envelope).toList(), alice.fixture.attestations());
    }

    private List<Statement> with(int index, Statement statement) {
        List<Statement> changed = new ArrayList<>(own);
        changed.set(index, statement);
        return changed;
    }

    @Test
    void sameSetIsEqual() {
        assertThat(compare(own, hash(own))).isEqualTo(new NonceSets.Finding.Equal());
    }

    @Test
    void setThatWasNotSignedForIsFalse() {
        assertThat(compare(own, OneEngine.NO_HASH)).isEqualTo(FALSE);
        assertThat(compare(own.subList(0, 2), hash(own))).isEqualTo(FALSE);
    }

    @Test
    void setWithoutTheAttestationOfEachSignerIsFalse() {
        Contribution.NonceSet good = set(own);
        Contribution.NonceSet less =
                new Contribution.NonceSet(
                        good.envelopes(), alice.fixture.attestations().subList(0, 2));
        assertThat(NonceSets.compare(less, hash(own), own, MAX_ENVELOPE)).isEqualTo(FALSE);
    }

    @Test
    void signerOfTwoDifferentNoncesIsFound() {
        Statement second = alice.nonces(2, request, 1);
        List<Statement> other = with(2, second);
        assertThat(compare(other, hash(other)))
                .isEqualTo(new NonceSets.Finding.Equivocation(2, second.envelope()));
    }

    @Test
    void differentNoncesInASetThatWasNotSignedForBlameItsAuthorAlone() {
        assertThat(compare(with(2, alice.nonces(2, request, 1)), hash(own))).isEqualTo(FALSE);
    }

    @Test
    void messageOfAnotherSlotIsFalse() {
        for (Statement wrong :
                List.of(
                        alice.nonces(1, request, 1),
                        alice.nonces(2, request, 2),
                        alice.nonces(2, alice.fixture.request(1, 1), 1),
                        alice.ready(2, request, 1))) {
            List<Statement> other = with(2, wrong);
            assertThat(compare(other, hash(other))).isEqualTo(FALSE);
        }
    }

    @Test
    void messageWithoutAValidSignatureIsFalse() {
        byte[] changed = own.get(2).envelope().toArray();
        changed[changed.length - 1] ^= 1;
        Contribution.NonceSet forged =
                new Contribution.NonceSet(
                        List.of(own.get(0).envelope(), own.get(1).envelope(), Bytes.wrap(changed)),
                        alice.fixture.attestations());
        assertThat(NonceSets.compare(forged, hash(own), own, MAX_ENVELOPE)).isEqualTo(FALSE);
    }

    @Test
    void envelopeAboveTheLimitIsFalse() {
        List<Statement> other = with(2, alice.nonces(2, request, 1));
        Contribution.NonceSet set = set(other);
        int size = other.get(2).envelope().length();
        assertThat(NonceSets.compare(set, hash(other), own, size - 1)).isEqualTo(FALSE);
        assertThat(NonceSets.compare(set, hash(other), own, size)).isNotEqualTo(FALSE);
    }
}
