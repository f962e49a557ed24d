package org.tutti.coordinator.inbox;

import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;

import java.nio.charset.StandardCharsets;

/// A request, encrypted to its recipient: HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and
/// ChaCha20-Poly1305. Who sealed it is not proven by it; what is within is signed.
///
/// @param request whose request it is
/// @param encapsulated RFC 9180 `enc`: 32 bytes
/// @param ciphertext with its tag
public record SealedDelivery(RequestId request, Bytes encapsulated, Bytes ciphertext) {
    private static final Bytes INFO =
            Bytes.wrap("tutti/coordinator/inbox/1".getBytes(StandardCharsets.US_ASCII));

    /// Seals for a recipient.
    ///
    /// @param inboxKey the recipient's, 32 bytes
    /// @param content a delivery's bytes
    /// @throws IllegalArgumentException if the key is none, such as a point of small order
    public static SealedDelivery seal(
            Bytes inboxKey, Bytes network, PublicKey recipient, RequestId request, Bytes content) {
        inboxKey.requireLength(InboxKey.BYTES, "an inbox key");
        try {
            byte[][] sealed =
                    hpke().seal(
                                    new X25519PublicKeyParameters(inboxKey.toArray()),
                                    info(network, recipient, request).toArray(),
                                    new byte[0],
                                    content.toArray(),
                                    null,
                                    null,
                                    null);
            return new SealedDelivery(request, Bytes.wrap(sealed[1]), Bytes.wrap(sealed[0]));
        } catch (InvalidCipherTextException | IllegalStateException e) {
            throw new IllegalArgumentException("nothing can be encrypted to this key", e);
        }
    }

    /// Binds a sealed request to chain, recipient and request: moved to another place it does not
    /// open.
    static Bytes info(Bytes network, PublicKey recipient, RequestId request) {
        return Bytes.concat(INFO, network, recipient.bytes(), request.bytes());
    }

    static HPKE hpke() {
        return new HPKE(
                HPKE.mode_base,
                HPKE.kem_X25519_SHA256,
                HPKE.kdf_HKDF_SHA256,
                HPKE.aead_CHACHA20_POLY1305);
    }
}
