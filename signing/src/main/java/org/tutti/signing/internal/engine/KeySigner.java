package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.internal.wire.ConsentMessage;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.RequestGroup;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A signer with its key in this process. Does not close the key: its creator does.
public final class KeySigner implements Signer {
    /// How long an attestation counts.
    static final Duration LIFETIME = Duration.ofDays(30);

    /// How long before that a new one is made.
    static final Duration RENEWED_BEFORE = Duration.ofDays(7);

    private final SecretKey key;
    private final SecureRandom random;
    private final RequestGroup group;
    private final PeerId peer;
    private @Nullable KeyAttestation attestation;

    /// @param peer the identity that the key attests
    public KeySigner(SecretKey key, RequestGroup group, PeerId peer, SecureRandom random) {
        this.key = key;
        this.group = group;
        this.peer = peer;
        this.random = random;
    }

    @Override
    public PublicKey publicKey() {
        return key.publicKey();
    }

    @Override
    public KeyAttestation attestation(Instant now) {
        KeyAttestation known = attestation;
        long millis = now.toEpochMilli();
        // Also when the clock was set back by more than it is valid for.
        boolean fresh =
                known != null
                        && millis >= known.notAfterMillis() - LIFETIME.toMillis()
                        && millis < known.notAfterMillis() - RENEWED_BEFORE.toMillis();
        if (known == null || !fresh) {
            byte[] aux = new byte[32];
            random.nextBytes(aux);
            try {
                known =
                        KeyAttestation.make(
                                key, group, peer, Math.max(0, millis), now.plus(LIFETIME), aux);
            } finally {
                Arrays.fill(aux, (byte) 0);
            }
            attestation = known;
        }
        return known;
    }

    @Override
    public Terms agree(Bytes text) {
        byte[] aux = new byte[32];
        random.nextBytes(aux);
        try {
            return Terms.make(key, group, text, aux);
        } finally {
            Arrays.fill(aux, (byte) 0);
        }
    }

    @Override
    public JournalRecord.Consent consent(
            int signer,
            int member,
            Bytes journal,
            Optional<JournalHead> oldHead,
            boolean recovering,
            List<Bytes> replaced) {
        byte[] aux = new byte[32];
        random.nextBytes(aux);
        try {
            return ConsentMessage.make(
                    key, group, signer, member, journal, oldHead, recovering, replaced, aux);
        } finally {
            Arrays.fill(aux, (byte) 0);
        }
    }

    @Override
    public NoncePair generate(KeyAggContext keys, Bytes message, Bytes extra) {
        return NonceGenerator.generate(key, key.publicKey(), keys, message, extra, random);
    }

    @Override
    public PartialSignature sign(SigningSession session, NoncePair nonce) {
        return session.sign(nonce.secret(), key);
    }

    @Override
    public String toString() {
        return "signer with key " + key.publicKey();
    }
}
