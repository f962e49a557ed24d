package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.internal.wire.Inbound.Statement;

import java.util.List;
import java.util.Optional;

/// Builds evidence of one session. Whether it convicts, [Evidence#verify] says.
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
        if (ready == null) {
            return Optional.empty();
        }
        return Optional.of(
                new Evidence(kind, culprit, request, ready.envelope(), nonces, List.of(proof)));
    }
}
