package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound.Statement;

import java.util.Optional;

/// The statement of each member that has the highest journal head of it: shown to the member when
/// it connects, so that it sees whether its journal went back (SAFETY 3).
final class PeerHeads {
    private final long[] counts;
    private final @Nullable Statement[] statements;

    PeerHeads(int members) {
        counts = new long[members];
        statements = new Statement[members];
    }

    void observe(Statement statement) {
        int member = statement.author().index();
        if (statement.contribution().body() instanceof Contribution.WithHead withHead
                && statement.envelope().length() <= EnvelopeVerifier.MAX_REMEMBERED
                && (statements[member] == null || withHead.head().count() > counts[member])) {
            counts[member] = withHead.head().count();
            statements[member] = statement;
        }
    }

    /// Empty if the member has stated none.
    Optional<Statement> highest(int member) {
        return Optional.ofNullable(statements[member]);
    }
}
