package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Arrays that randomness was drawn into, looked at after their use (rule 17 of
/// docs/signing-safety.md).
class WipedRandomnessTest {
    /// Keeps the arrays that it filled.
    private static final class Watched extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final transient List<byte[]> filled = new ArrayList<>();
        private final @Nullable RuntimeException failure;

        Watched(@Nullable RuntimeException failure) {
            this.failure = failure;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 0x5a);
            filled.add(bytes);
            if (failure != null) {
                throw failure;
            }
        }

        void assertWiped() {
            assertThat(filled).hasSize(1).allSatisfy(array -> assertThat(array).containsOnly(0));
        }
    }

    private final Watched random = new Watched(null);
    private final Watched broken = new Watched(new IllegalStateException("no entropy"));

    @Test
    void nonceRandomnessIsWiped() throws Exception {
        try (SecretKey alice = MusigFixture.key(1)) {
            nonce(alice, random).secret().close();
            random.assertWiped();
        }
    }

    @Test
    void nonceRandomnessIsWipedWhenNoNonceIsMade() throws Exception {
        SecretKey alice = MusigFixture.key(1);
        assertThatThrownBy(() -> nonce(alice, broken)).hasMessage("no entropy");
        broken.assertWiped();
        alice.close();
        assertThatThrownBy(() -> nonce(alice, random)).isInstanceOf(IllegalStateException.class);
        random.assertWiped();
    }

    @Test
    void auxiliaryRandomnessIsWiped() throws Exception {
        byte[] message = {1, 2, 3};
        SecretKey alice = MusigFixture.key(1);
        assertThat(
                        Schnorr.verify(
                                alice.publicKey().xOnly(),
                                message,
                                Schnorr.sign(alice, message, random)))
                .isTrue();
        random.assertWiped();
        assertThatThrownBy(() -> Schnorr.sign(alice, message, broken)).hasMessage("no entropy");
        broken.assertWiped();
        alice.close();
        Watched again = new Watched(null);
        assertThatThrownBy(() -> Schnorr.sign(alice, message, again))
                .isInstanceOf(IllegalStateException.class);
        again.assertWiped();
    }

    private static NoncePair nonce(SecretKey key, SecureRandom random) {
        return NonceGenerator.generate(
                key,
                key.publicKey(),
                KeyAggContext.of(List.of(key.publicKey())),
                MusigFixture.MESSAGE,
                Bytes.EMPTY,
                random);
    }
}
