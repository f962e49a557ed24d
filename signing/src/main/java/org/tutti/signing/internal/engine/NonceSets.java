package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.internal.wire.VerifiedEnvelope;
import org.tutti.signing.internal.wire.WireException;

import java.util.List;
import java.util.Optional;

/// Compares another signer's nonce set with this node's, to find out who is at fault when the two
/// signed for different ones.
final class NonceSets {
    private NonceSets() {}

    /// The result of a comparison.
    sealed interface Finding {
        /// It is not the set that its author signed for: the author is at fault.
        record NotTheOneSignedFor() implements Finding {}

        /// It is, and this signer has signed two different Nonces messages.
        record Equivocation(int signer, Bytes otherEnvelope) implements Finding {}

        /// It is, and two processes with this signer's identity have each signed one.
        record TwoProcesses(int signer) implements Finding {}

        /// It is, and it equals this node's set.
        record Equal() implements Finding {}
    }

    /// Never blames the set's author for what others signed, nor a signer for a message without its
    /// valid signature.
    ///
    /// @param claimed the nonce set hash that the author's partial signatures name
    /// @param own this node's Nonces messages of the attempt, in signer order
    /// @param maxEnvelope most bytes of one envelope
    static Finding compare(
            Contribution.NonceSet other, Bytes claimed, List<Statement> own, int maxEnvelope) {
        if (other.envelopes().size() != own.size() || other.attestations().size() != own.size()) {
            return new Finding.NotTheOneSignedFor();
        }
        Bytes[] payloads = new Bytes[own.size()];
        Optional<Finding> different = Optional.empty();
        for (int i = 0; i < payloads.length; i++) {
            Bytes envelope = other.envelopes().get(i);
            Statement known = own.get(i);
            if (envelope.equals(known.envelope())) {
                payloads[i] = known.payload();
                continue;
            }
            Optional<SignedNonces> verified = verify(envelope, known, maxEnvelope);
            if (verified.isEmpty()) {
                return new Finding.NotTheOneSignedFor();
            }
            payloads[i] = verified.get().payload();
            if (different.isEmpty() && !payloads[i].equals(known.payload())) {
                boolean sameProcess = verified.get().boot().equals(known.contribution().boot());
                different =
                        Optional.of(
                                sameProcess
                                        ? new Finding.Equivocation(i, envelope)
                                        : new Finding.TwoProcesses(i));
            }
        }
        if (!NonceSetHash.of(List.of(payloads)).equals(claimed)) {
            return new Finding.NotTheOneSignedFor();
        }
        return different.orElseGet(Finding.Equal::new);
    }

    /// A Nonces message whose signature was verified.
    private record SignedNonces(Bytes payload, Bytes boot) {}

    /// The content, if it has Nonces for the same slot as the known message.
    private static Optional<SignedNonces> verify(Bytes envelope, Statement known, int maxEnvelope) {
        try {
            VerifiedEnvelope verified = VerifiedEnvelope.of(envelope);
            Contribution contribution = verified.contribution();
            boolean sameSlot =
                    verified.author().equals(known.author().peerId())
                            && contribution.body() instanceof Contribution.Nonces
                            && contribution.group().equals(known.contribution().group())
                            && contribution.session().equals(known.contribution().session())
                            && contribution.attempt() == known.contribution().attempt()
                            && contribution.signer() == known.author().index()
                            && envelope.length() <= maxEnvelope;
            return sameSlot
                    ? Optional.of(new SignedNonces(verified.payload(), contribution.boot()))
                    : Optional.empty();
        } catch (WireException _) {
            return Optional.empty();
        }
    }
}
