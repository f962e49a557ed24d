package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.request.SessionId;

import java.util.List;

/// One signed statement of one signer about one session (SAFETY 8: it has session, attempt, phase
/// and signer).
///
/// @param group id of the group, 32 bytes
/// @param boot drawn by the author each time it begins to take part in the group: two processes
///   with one identity are not one signer that contradicts itself
/// @param attempt from 1
/// @param signer index in the group, equal to the author's
public record Contribution(
        Bytes group, Bytes boot, SessionId session, int attempt, int signer, Body body) {
    /// Bytes of a boot id.
    public static final int BOOT_BYTES = 16;

    public Contribution {
        group.requireLength(32, "group id");
        boot.requireLength(BOOT_BYTES, "boot id");
    }

    /// The kind of the statement and its content.
    public sealed interface Body permits OncePerAttempt, Notice {}

    /// A message that belongs to no phase, and may be sent at any time.
    public sealed interface Notice extends Body {}

    /// A message that its author may send once in an attempt: two different ones are proof of
    /// equivocation (SAFETY 8).
    public sealed interface OncePerAttempt extends Body {
        Phase phase();
    }

    /// A message that reports the head of its author's journal (SAFETY 3).
    public sealed interface WithHead extends OncePerAttempt {
        JournalHead head();
    }

    /// "I am online and have approved" (SAFETY 7).
    ///
    /// @param attestation that the signing key speaks through the author's peer id
    /// @param head the head of the author's journal, this attempt's entry included
    public record Ready(KeyAttestation attestation, JournalHead head) implements WithHead {
        @Override
        public Phase phase() {
            return Phase.READY;
        }
    }

    /// Public nonces, one for each message, 66 bytes each, not yet parsed as points.
    ///
    /// @param head as in Ready, but later than every Ready of the attempt
    public record Nonces(List<Bytes> nonces, JournalHead head) implements WithHead {
        public Nonces {
            nonces = List.copyOf(nonces);
            nonces.forEach(nonce -> nonce.requireLength(66, "public nonce"));
        }

        @Override
        public Phase phase() {
            return Phase.NONCES;
        }
    }

    /// Partial signatures, one for each message, 32 bytes each, not yet parsed as scalars.
    ///
    /// @param nonceSetHash the nonces they were made for, see [NonceSetHash]
    public record Partials(List<Bytes> partials, Bytes nonceSetHash) implements OncePerAttempt {
        public Partials {
            partials = List.copyOf(partials);
            partials.forEach(partial -> partial.requireLength(32, "partial signature"));
            nonceSetHash.requireLength(32, "nonce set hash");
        }

        @Override
        public Phase phase() {
            return Phase.PARTIALS;
        }
    }

    /// "I will not sign this."
    public record Refuse(String code, String reason) implements Notice {}

    /// "I abort this session."
    ///
    /// @param culprits whom the author blames: its claim, proven by nothing but `proof`
    /// @param proof the culprit's own envelopes, for each receiver to check; may be empty
    public record Abort(String code, List<Integer> culprits, String reason, List<Bytes> proof)
            implements Notice {
        public Abort {
            culprits = List.copyOf(culprits);
            proof = List.copyOf(proof);
        }

        /// Without proof.
        public Abort(String code, List<Integer> culprits, String reason) {
            this(code, culprits, reason, List.of());
        }
    }

    /// All Nonces envelopes that the author made its partial signatures for, in signer order.
    ///
    /// @param attestations in the same order: by which the author took the authors of the envelopes
    ///   for these signers. Without them nobody else could tell a nonce set with a stranger's
    ///   nonces from one with those of a signer that attests two peers
    public record NonceSet(List<Bytes> envelopes, List<KeyAttestation> attestations)
            implements Notice {
        public NonceSet {
            attestations = List.copyOf(attestations);
            envelopes = List.copyOf(envelopes);
        }
    }

    /// The finished signatures, 64 bytes each.
    public record Final(List<Bytes> signatures) implements Notice {
        public Final {
            signatures = List.copyOf(signatures);
            signatures.forEach(signature -> signature.requireLength(64, "signature"));
        }
    }

    /// "Send me these signers' messages of this phase": whoever has them forwards the envelopes.
    public record RetransmissionRequest(Phase phase, List<Integer> signers) implements Notice {
        public RetransmissionRequest {
            signers = List.copyOf(signers);
        }
    }

    /// The phases of an attempt, in each of which every signer needs a message of every other.
    public enum Phase {
        READY,
        NONCES,
        PARTIALS
    }
}
