package org.tutti.signing.journal;

import org.tutti.signing.request.SigningLimits;

import java.time.Duration;

/// How long a journal remembers, and when it is compacted.
///
/// @param requestLifetime longest time from a request's creation to its expiry
/// @param clockSkew how long after that it may still be taken for a new one
/// @param compactAbove bytes; a smaller file is not compacted at a start, nor is one of which more
///   than half matters
/// @param compactGrowth bytes by which a file has grown since a start or a compaction, or an
///   attempt at one, when it is compacted while it is used
public record JournalRetention(
        Duration requestLifetime, Duration clockSkew, long compactAbove, long compactGrowth) {
    /// How long the idempotency key of a hold stays taken after it was settled.
    public static final Duration KEY_KEPT = Duration.ofDays(30);

    /// What a node uses as [#compactAbove].
    public static final long COMPACT_ABOVE = 8L << 20;

    /// What a node uses as [#compactGrowth].
    public static final long COMPACT_GROWTH = 64L << 20;

    /// What a node with these limits uses.
    public static JournalRetention of(SigningLimits limits) {
        return new JournalRetention(
                limits.requests().lifetime(),
                limits.requests().clockSkew(),
                COMPACT_ABOVE,
                COMPACT_GROWTH);
    }
}
