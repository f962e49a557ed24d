package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.internal.wire.ConsentMessage;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The engine's only access to the signing key, so that a test can observe every use of it.
public interface Signer {
    PublicKey publicKey();

    /// That the key speaks through this node's peer id. The same one for weeks, so that others
    /// verify it once.
    KeyAttestation attestation(Instant now);

    /// The key's agreement to the group's terms.
    Terms agree(Bytes text);

    /// The key's consent to another member's new journal; see [ConsentMessage].
    JournalRecord.Consent consent(
            int signer,
            int member,
            Bytes journal,
            Optional<JournalHead> oldHead,
            boolean recovering,
            List<Bytes> replaced);

    /// SAFETY 4: fresh system randomness, hedged with secret key, public key, aggregate key,
    /// message and `extra` (session, attempt and input).
    ///
    /// @param message 32 bytes
    NoncePair generate(KeyAggContext keys, Bytes message, Bytes extra);

    /// SAFETY 1: consumes the secret half of the pair. The public half identifies the nonce in a
    /// test.
    PartialSignature sign(SigningSession session, NoncePair nonce);
}
