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

/// Puts evidence together. Whatever it returns, [Evidence#verify] convicts.
final class EvidenceBuilder {
    private final Bytes request;
    private final @Nullable Statement[] vouches;

    /// @param members size of the group
    EvidenceBuilder(Bytes requestEnvelope, int members) {
        this.request = requestEnvelope;
        this.vouches = new Statement[members];
    }

    /// A Ready whose vouch was verified.
    void vouched(Statement ready) {
        vouches[ready.author().index()] = ready;
    }

    /// @return nothing if no vouch of the culprit has been seen, without which the proof would
    ///   convince nobody
    Optional<Evidence> charge(Evidence.Kind kind, int culprit, List<Bytes> nonces, Bytes... proof) {
        Statement vouch = vouches[culprit];
        return vouch == null
                ? Optional.empty()
                : Optional.of(
                        new Evidence(
                                kind, culprit, request, vouch.envelope(), nonces, List.of(proof)));
    }

    /// What a signer's view shows, against the view that this node signed for.
    sealed interface ViewFinding {
        /// The view is false: its author is to blame.
        record FalseView() implements ViewFinding {}

        /// The view is true and shows that this signer said two things.
        record Equivocation(int signer, Bytes otherEnvelope) implements ViewFinding {}

        /// The view is true and the same.
        record Same() implements ViewFinding {}
    }

    /// Judges a view. Never blames the messenger for what others signed, nor a signer for what
    /// somebody says it signed.
    ///
    /// @param mine this node's nonces messages, in signer order
    /// @param claimed the view hash in the author's partial signatures
    static ViewFinding judge(
            EngineContext desk,
            Contribution.View view,
            int attempt,
            List<Statement> mine,
            Bytes claimed) {
        if (view.envelopes().size() != mine.size()) {
            return new ViewFinding.FalseView();
        }
        Bytes[] payloads = new Bytes[mine.size()];
        Optional<ViewFinding> different = Optional.empty();
        for (int i = 0; i < payloads.length; i++) {
            Bytes envelope = view.envelopes().get(i);
            Statement own = mine.get(i);
            if (envelope.equals(own.envelope())) {
                payloads[i] = own.payload();
                continue;
            }
            Optional<VerifiedEnvelope> other = openNonces(desk, envelope, own, attempt);
            if (other.isEmpty()) {
                return new ViewFinding.FalseView();
            }
            payloads[i] = other.get().payload();
            if (different.isEmpty() && !payloads[i].equals(own.payload())) {
                different = Optional.of(new ViewFinding.Equivocation(i, envelope));
            }
        }
        if (!NonceSetHash.of(List.of(payloads)).equals(claimed)) {
            return new ViewFinding.FalseView();
        }
        return different.orElseGet(ViewFinding.Same::new);
    }

    private static Optional<VerifiedEnvelope> openNonces(
            EngineContext desk, Bytes envelope, Statement own, int attempt) {
        try {
            VerifiedEnvelope opened = VerifiedEnvelope.of(envelope);
            Contribution contribution = opened.contribution();
            boolean fits =
                    opened.author().equals(own.author().peerId())
                            && contribution.body() instanceof Contribution.Nonces
                            && contribution.session().equals(own.contribution().session())
                            && contribution.attempt() == attempt
                            && contribution.signer() == own.author().index()
                            && envelope.length() <= desk.limits.frameBytes();
            return fits ? Optional.of(opened) : Optional.empty();
        } catch (WireException _) {
            return Optional.empty();
        }
    }
}
