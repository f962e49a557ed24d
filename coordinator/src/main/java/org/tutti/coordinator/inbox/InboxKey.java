package org.tutti.coordinator.inbox;

import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/// The key that requests are encrypted to while their recipient is away: an X25519 key of its own,
/// so that neither the signing nor the identity key ever decrypts anything.
///
/// Holds a secret; `toString` does not show it.
public final class InboxKey implements AutoCloseable {
    public static final int BYTES = 32;

    private final byte[] secret;
    private final Bytes publicKey;

    private InboxKey(byte[] secret) {
        this.secret = secret;
        this.publicKey =
                Bytes.wrap(new X25519PrivateKeyParameters(secret).generatePublicKey().getEncoded());
    }

    /// A fresh key.
    public static InboxKey generate(SecureRandom random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return new InboxKey(secret);
    }

    /// A key that was made before.
    ///
    /// @param secret 32 bytes; copied
    /// @throws IllegalArgumentException if it has another length
    public static InboxKey of(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("an inbox key has " + BYTES + " bytes");
        }
        return new InboxKey(secret.clone());
    }

    /// A copy of the secret, to be kept where secrets are kept. The caller wipes it.
    public byte[] secret() {
        return secret.clone();
    }

    /// What others encrypt to, 32 bytes.
    public Bytes publicKey() {
        return publicKey;
    }

    /// Opens what was left for the recipient.
    ///
    /// @return nothing if it was not sealed to this key, for this recipient, chain and request
    public Optional<Bytes> open(Bytes network, PublicKey recipient, SealedDelivery sealed) {
        if (sealed.encapsulated().length() != BYTES) {
            return Optional.empty();
        }
        try {
            X25519PrivateKeyParameters own = new X25519PrivateKeyParameters(secret);
            byte[] opened =
                    SealedDelivery.hpke()
                            .open(
                                    sealed.encapsulated().toArray(),
                                    new AsymmetricCipherKeyPair(own.generatePublicKey(), own),
                                    SealedDelivery.info(network, recipient, sealed.request())
                                            .toArray(),
                                    new byte[0],
                                    sealed.ciphertext().toArray(),
                                    null,
                                    null,
                                    null);
            return Optional.of(Bytes.wrap(opened));
        } catch (InvalidCipherTextException | IllegalArgumentException | IllegalStateException e) {
            return Optional.empty(); // An encapsulated key of small order is one of these.
        }
    }

    /// Wipes the secret.
    @Override
    public void close() {
        Arrays.fill(secret, (byte) 0);
    }

    @Override
    public String toString() {
        return "inbox key " + publicKey;
    }
}
