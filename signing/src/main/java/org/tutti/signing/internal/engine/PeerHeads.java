package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;

/// The statement of each member that has the highest journal head of it: shown to the member when
/// it connects, so that it sees whether its journal went back (SAFETY 3).
final class PeerHeads {
    private final long[] counts;
    private final @Nullable Bytes[] envelopes;

    PeerHeads(int members) {
        counts = new long[members];
        envelopes = new Bytes[members];
    }

    void observe(Statement statement) {
        int member = statement.author().index();
        if (statement.contribution().body() instanceof Contribution.WithHead withHead
                && (envelopes[member] == null || withHead.head().count() > counts[member])) {
            counts[member] = withHead.head().count();
            envelopes[member] = statement.envelope();
        }
    }

    /// Empty if the member has stated none.
    Bytes highest(int member) {
        Bytes envelope = envelopes[member];
        return envelope == null ? Bytes.EMPTY : envelope;
    }
}
