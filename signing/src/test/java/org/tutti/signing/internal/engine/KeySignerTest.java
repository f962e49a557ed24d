package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.ConsentMessage;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.request.RequestGroup;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

class KeySignerTest {
    private static final Instant NOW = GroupFixture.NOW;

    private final GroupFixture fixture = new GroupFixture(2, 9);
    private final GroupFixture.Owner owner = fixture.owner(1);
    private final RequestGroup group = RequestGroup.of(fixture.group);
    private final KeySigner signer =
            new KeySigner(owner.key(), group, owner.member().peerId(), fixture.random);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void attestationIsOfThisKeyForThisPeerAndCountsForItsLifetime() {
        KeyAttestation made = signer.attestation(NOW);
        assertThat(made.isOf(group, owner.member())).isTrue();
        assertThat(made.isOf(group, fixture.owner(0).member())).isFalse();
        assertThat(made.sequence()).isEqualTo(NOW.toEpochMilli());
        assertThat(made.notAfterMillis()).isEqualTo(NOW.plus(KeySigner.LIFETIME).toEpochMilli());
        assertThat(signer.publicKey()).isEqualTo(owner.member().signingKey());
        assertThat(signer).hasToString("signer with key " + owner.member().signingKey());
    }

    @Test
    void attestationIsMadeAgainSomeTimeBeforeItIsOver() {
        KeyAttestation made = signer.attestation(NOW);
        Instant renewed = NOW.plus(KeySigner.LIFETIME).minus(KeySigner.RENEWED_BEFORE);
        assertThat(signer.attestation(renewed.minusMillis(1))).isSameAs(made);
        KeyAttestation next = signer.attestation(renewed);
        assertThat(next.sequence()).isEqualTo(renewed.toEpochMilli());
        assertThat(signer.attestation(renewed)).isSameAs(next);
    }

    @Test
    void attestationIsMadeAgainByAClockThatWasSetBack() {
        KeyAttestation made = signer.attestation(NOW);
        assertThat(signer.attestation(NOW)).isSameAs(made);
        KeyAttestation earlier = signer.attestation(NOW.minusMillis(1));
        assertThat(earlier.sequence()).isEqualTo(NOW.toEpochMilli() - 1);
        KeyAttestation before1970 = signer.attestation(Instant.ofEpochMilli(-5));
        assertThat(before1970.sequence()).isZero();
    }

    @Test
    void consentIsSignedAndSaysWhatItIsFor() {
        Bytes journal = Bytes.fromHex("0a".repeat(16));
        Bytes replaced = Bytes.fromHex("0b".repeat(16));
        var consent = signer.consent(1, 0, journal, Optional.empty(), true, List.of(replaced));
        assertThat(ConsentMessage.isOf(consent, group, owner.member().signingKey())).isTrue();
        assertThat(consent.signer()).isEqualTo(1);
        assertThat(consent.member()).isZero();
        assertThat(consent.journal()).isEqualTo(journal);
        assertThat(consent.replaced()).containsExactly(replaced);
        assertThat(consent.recovering()).isTrue();
    }

    @Test
    void agreementIsSignedByThisKey() {
        assertThat(signer.agree(GroupFixture.TERMS).isOf(group, owner.member().signingKey()))
                .isTrue();
        assertThat(signer.agree(GroupFixture.TERMS).text()).isEqualTo(GroupFixture.TERMS);
    }

    /// What the last signature was made with.
    private static final class Remembering extends SecureRandom {
        private static final long serialVersionUID = 1;
        private transient byte[] last = new byte[0];
        private int asked;

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) ++asked);
            last = bytes;
        }
    }

    @Test
    void randomnessOfEachSignatureIsFreshAndWipedAfterwards() {
        Remembering random = new Remembering();
        KeySigner watched = new KeySigner(owner.key(), group, owner.member().peerId(), random);
        Bytes journal = Bytes.fromHex("0a".repeat(16));
        List<Supplier<Bytes>> signatures =
                List.of(
                        () -> watched.agree(GroupFixture.TERMS).signature(),
                        () ->
                                watched.consent(1, 0, journal, Optional.empty(), true, List.of())
                                        .signature(),
                        () ->
                                new KeySigner(owner.key(), group, owner.member().peerId(), random)
                                        .attestation(NOW)
                                        .signature());
        for (Supplier<Bytes> signature : signatures) {
            Bytes first = signature.get();
            byte[] ofFirst = random.last;
            assertThat(signature.get()).isNotEqualTo(first);
            assertThat(ofFirst).hasSize(32).containsOnly(0);
            assertThat(random.last).isNotSameAs(ofFirst).containsOnly(0);
        }
    }
}
