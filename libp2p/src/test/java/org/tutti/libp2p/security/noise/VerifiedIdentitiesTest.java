package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;

import java.security.SecureRandom;
import java.util.List;

class VerifiedIdentitiesTest {
    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final VerifiedIdentities verified = new VerifiedIdentities();

    @Test
    void whoComesBackIsKnown() throws Exception {
        byte[] noise = key();
        NoisePayload payload = NoisePayload.sign(alice, noise, List.of());
        assertThat(verified.verify(payload, noise)).isEqualTo(alice.publicKey());
        assertThat(verified.verify(payload, noise)).isEqualTo(alice.publicKey());
        assertThat(verified.size()).isEqualTo(1);
    }

    @Test
    void aKnownSignatureIsWorthNothingForAnotherNoiseKey() throws Exception {
        byte[] noise = key();
        NoisePayload payload = NoisePayload.sign(alice, noise, List.of());
        verified.verify(payload, noise);
        assertThatThrownBy(() -> verified.verify(payload, key()))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_SIGNATURE));
    }

    @Test
    void whatFailedIsNotRemembered() {
        NoisePayload payload = NoisePayload.sign(alice, key(), List.of());
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> verified.verify(payload, key()))
                    .isInstanceOf(HandshakeException.class);
        }
        assertThat(verified.size()).isZero();
    }

    @Test
    void onlySoManyAreRemembered() throws Exception {
        for (int i = 0; i < VerifiedIdentities.MAX + 5; i++) {
            byte[] noise = key();
            verified.verify(NoisePayload.sign(alice, noise, List.of()), noise);
        }
        assertThat(verified.size()).isEqualTo(VerifiedIdentities.MAX);
    }

    private static byte[] key() {
        return Curve25519.generateX25519().publicKey().toArray();
    }
}
