package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound.Statement;
import org.tutti.signing.wire.NonceSetHash;
import org.tutti.signing.wire.VerifiedEnvelope;
import org.tutti.signing.wire.WireException;

import java.util.List;
import java.util.Optional;

/// Builds evidence of one session. [Evidence#verify] finds the culprit guilty by all that it
/// returns.
final class EvidenceBuilder {
    private final Bytes request;
    private final @Nullable Statement[] attestations;

    /// @param members size of the group
    EvidenceBuilder(Bytes requestEnvelope, int members) {
        this.request = requestEnvelope;
        this.attestations = new Statement[members];
    }

    /// A Ready whose attestation was verified.
    void attested(Statement ready) {
        attestations[ready.author().index()] = ready;
    }

    /// @return empty if no attestation of the culprit has arrived, without which the messages prove
    ///   nothing
    Optional<Evidence> build(Evidence.Kind kind, int culprit, List<Bytes> nonces, Bytes... proof) {
        Statement ready = attestations[culprit];
        return ready == null
                ? Optional.empty()
                : Optional.of(
                        new Evidence(
                                kind, culprit, request, ready.envelope(), nonces, List.of(proof)));
    }

    /// The result of comparing another signer's nonce set with this node's.
    sealed interface NonceSetFinding {
        /// It is not the set that its author signed for: the author is to blame.
        record FalseNonceSet() implements NonceSetFinding {}

        /// It is, and this signer has signed two different nonces messages.
        record Equivocation(int signer, Bytes otherEnvelope) implements NonceSetFinding {}

        /// It is, and it equals this node's set.
        record Same() implements NonceSetFinding {}
    }

    /// Compares another signer's nonce set with this node's. Never blames its sender for what
    /// others signed, nor a signer for a message without its valid signature.
    ///
    /// @param mine the nonces messages that this node has, in signer order
    /// @param claimed the nonce set hash that the author's partial signatures name
    static NonceSetFinding compare(
            EngineContext context,
            Contribution.NonceSet nonceSet,
            int attempt,
            List<Statement> mine,
            Bytes claimed) {
        if (nonceSet.envelopes().size() != mine.size()) {
            return new NonceSetFinding.FalseNonceSet();
        }
        Bytes[] payloads = new Bytes[mine.size()];
        Optional<NonceSetFinding> different = Optional.empty();
        for (int i = 0; i < payloads.length; i++) {
            Bytes envelope = nonceSet.envelopes().get(i);
            Statement own = mine.get(i);
            if (envelope.equals(own.envelope())) {
                payloads[i] = own.payload();
                continue;
            }
            Optional<VerifiedEnvelope> other = verifyNonces(context, envelope, own, attempt);
            if (other.isEmpty()) {
                return new NonceSetFinding.FalseNonceSet();
            }
            payloads[i] = other.get().payload();
            if (different.isEmpty() && !payloads[i].equals(own.payload())) {
                different = Optional.of(new NonceSetFinding.Equivocation(i, envelope));
            }
        }
        if (!NonceSetHash.of(List.of(payloads)).equals(claimed)) {
            return new NonceSetFinding.FalseNonceSet();
        }
        return different.orElseGet(NonceSetFinding.Same::new);
    }

    private static Optional<VerifiedEnvelope> verifyNonces(
            EngineContext context, Bytes envelope, Statement own, int attempt) {
        try {
            VerifiedEnvelope verified = VerifiedEnvelope.of(envelope);
            Contribution contribution = verified.contribution();
            boolean fits =
                    verified.author().equals(own.author().peerId())
                            && contribution.body() instanceof Contribution.Nonces
                            && contribution.session().equals(own.contribution().session())
                            && contribution.attempt() == attempt
                            && contribution.signer() == own.author().index()
                            && envelope.length() <= context.limits.frameBytes();
            return fits ? Optional.of(verified) : Optional.empty();
        } catch (WireException _) {
            return Optional.empty();
        }
    }
}
