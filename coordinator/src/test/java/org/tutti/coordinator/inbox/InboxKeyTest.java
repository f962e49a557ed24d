package org.tutti.coordinator.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

class InboxKeyTest {
    private static final Bytes NETWORK = Bytes.fromHex("11".repeat(32));
    private static final RequestId REQUEST = new RequestId(Bytes.fromHex("22".repeat(32)));
    private final InboxKey key = InboxKey.generate(new SecureRandom());
    private final PublicKey recipient = SecretKey.generate(new SecureRandom()).publicKey();
    private final Bytes content = Bytes.fromHex("abcdef");

    private SealedDelivery sealed() {
        return SealedDelivery.seal(key.publicKey(), NETWORK, recipient, REQUEST, content);
    }

    /// RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode,
    /// sequence number 0.
    @Test
    void theCipherIsThatOfTheRfc() throws Exception {
        byte[] secret =
                Bytes.fromHex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
                        .toArray();
        X25519PrivateKeyParameters own = new X25519PrivateKeyParameters(secret);
        byte[] opened =
                SealedDelivery.hpke()
                        .open(
                                Bytes.fromHex(
                                                "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
                                        .toArray(),
                                new AsymmetricCipherKeyPair(own.generatePublicKey(), own),
                                Bytes.fromHex("4f6465206f6e2061204772656369616e2055726e").toArray(),
                                Bytes.fromHex("436f756e742d30").toArray(),
                                Bytes.fromHex(
                                                "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")
                                        .toArray(),
                                null,
                                null,
                                null);
        assertThat(Bytes.wrap(opened))
                .isEqualTo(
                        Bytes.fromHex(
                                "4265617574792069732074727574682c20747275746820626561757479"));
    }

    @Test
    void theRecipientOpensWhatWasSealedToIt() {
        assertThat(key.open(NETWORK, recipient, sealed())).contains(content);
        try (InboxKey again = InboxKey.of(key.secret())) {
            assertThat(again.open(NETWORK, recipient, sealed())).contains(content);
            assertThat(again.toString()).doesNotContain(Bytes.wrap(key.secret()).toHex());
        }
    }

    @Test
    void nothingOpensForAnotherChainRecipientRequestOrKey() {
        SealedDelivery sealed = sealed();
        Bytes other = Bytes.fromHex("33".repeat(32));
        assertThat(key.open(other, recipient, sealed)).isEmpty();
        assertThat(key.open(NETWORK, SecretKey.generate(new SecureRandom()).publicKey(), sealed))
                .isEmpty();
        assertThat(
                        key.open(
                                NETWORK,
                                recipient,
                                new SealedDelivery(
                                        new RequestId(other),
                                        sealed.encapsulated(),
                                        sealed.ciphertext())))
                .isEmpty();
        assertThat(InboxKey.generate(new SecureRandom()).open(NETWORK, recipient, sealed))
                .isEmpty();
    }

    @Test
    void hostileBytesAreNothing() {
        SealedDelivery sealed = sealed();
        Bytes zeros = Bytes.wrap(new byte[32]);
        for (SealedDelivery bad :
                new SealedDelivery[] {
                    new SealedDelivery(REQUEST, Bytes.EMPTY, sealed.ciphertext()),
                    new SealedDelivery(REQUEST, zeros, sealed.ciphertext()),
                    new SealedDelivery(REQUEST, sealed.encapsulated(), Bytes.EMPTY),
                    new SealedDelivery(
                            REQUEST,
                            sealed.encapsulated(),
                            sealed.ciphertext().slice(0, sealed.ciphertext().length() - 1))
                }) {
            assertThat(key.open(NETWORK, recipient, bad)).isEqualTo(Optional.empty());
        }
        // A recipient whose inbox key is a point of small order.
        assertThatThrownBy(() -> SealedDelivery.seal(zeros, NETWORK, recipient, REQUEST, content))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> InboxKey.of(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPlaceIsOfOneDayAndARecipientLooksAtThoseAround() {
        Instant now = Instant.parse("2026-11-30T00:00:00Z");
        long today = InboxPlace.day(now);
        assertThat(InboxPlace.day(now.minusMillis(1))).isEqualTo(today - 1);
        assertThat(InboxPlace.read(NETWORK, recipient, now))
                .containsExactly(
                        InboxPlace.of(NETWORK, recipient, today),
                        InboxPlace.of(NETWORK, recipient, today - 1),
                        InboxPlace.of(NETWORK, recipient, today + 1))
                .doesNotHaveDuplicates();
        assertThat(InboxPlace.of(NETWORK, recipient, today).toHex()).startsWith("1220").hasSize(68);
        assertThat(InboxPlace.day(now.plus(Duration.ofDays(1)))).isEqualTo(today + 1);
    }
}
