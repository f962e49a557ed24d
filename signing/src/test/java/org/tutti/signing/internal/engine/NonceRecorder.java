package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.SecretNonce;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Records every use of every signing key, across all crashes: no public nonce may ever sign twice.
public final class NonceRecorder {
    private final Map<Bytes, String> signed = new HashMap<>();
    private final Map<Object, Set<SecretNonce>> alive = new HashMap<>();
    private int generated;

    int signatures() {
        return signed.size();
    }

    int generated() {
        return generated;
    }

    /// Secret nonces that were neither spent nor wiped.
    public long unwiped() {
        return alive.values().stream()
                .flatMap(Set::stream)
                .filter(nonce -> !nonce.isSpent())
                .count();
    }

    /// As [#unwiped()], of this process alone.
    long unwiped(Object process) {
        return alive.getOrDefault(process, Set.of()).stream()
                .filter(nonce -> !nonce.isSpent())
                .count();
    }

    /// This process died and lost its memory.
    void died(Object process) {
        alive.remove(process);
    }

    /// The signer of the only process with its key, which stands for the process.
    Signer watch(Signer signer) {
        return watch(signer, signer.publicKey(), () -> {});
    }

    /// @param check of each signature that is about to be made
    Signer watch(Signer signer, Object process, Runnable check) {
        return new Signer() {
            @Override
            public PublicKey publicKey() {
                return signer.publicKey();
            }

            @Override
            public KeyAttestation attestation(Instant now) {
                return signer.attestation(now);
            }

            @Override
            public Terms agree(Bytes text) {
                return signer.agree(text);
            }

            @Override
            public JournalRecord.Consent consent(
                    int self,
                    int member,
                    Bytes journal,
                    Optional<JournalHead> oldHead,
                    boolean recovering,
                    List<Bytes> replaced) {
                return signer.consent(self, member, journal, oldHead, recovering, replaced);
            }

            @Override
            public NoncePair generate(KeyAggContext keys, Bytes message, Bytes extra) {
                NoncePair pair = signer.generate(keys, message, extra);
                generated++;
                alive.computeIfAbsent(process, _ -> new HashSet<>()).add(pair.secret());
                return pair;
            }

            @Override
            public PartialSignature sign(SigningSession session, NoncePair nonce) {
                check.run();
                PartialSignature partial = signer.sign(session, nonce);
                String earlier = signed.put(nonce.pub().bytes(), session.toString());
                if (earlier != null) {
                    throw new AssertionError("a nonce of " + signer.publicKey() + " signed twice");
                }
                return partial;
            }
        };
    }
}
