package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.internal.wire.Inbound.Statement;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

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
        if (ready == null) {
            return Optional.empty();
        }
        List<Bytes> readies =
                kind == Evidence.Kind.BAD_VIEW
                        ? Stream.of(attestations)
                                .filter(Objects::nonNull)
                                .map(Statement::envelope)
                                .toList()
                        : List.of(ready.envelope());
        return Optional.of(new Evidence(kind, culprit, request, readies, nonces, List.of(proof)));
    }
}
