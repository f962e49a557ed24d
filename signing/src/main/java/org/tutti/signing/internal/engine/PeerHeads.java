package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.journal.JournalHead;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/// The statement of each member that has the highest journal head of it: shown to the member when
/// it connects, so that it sees whether its journal went back (SAFETY 3).
///
/// A head counts once its process has been the member's only one for [#SETTLES]: a copy that is
/// found by then, and goes away, has not silenced the original.
final class PeerHeads {
    /// How long a process has to be there alone before its heads count.
    static final Duration SETTLES = Duration.ofSeconds(2);

    /// A statement with a head, and when it counts.
    private record Head(Statement statement, long count, Instant countsFrom) {}

    private final @Nullable Head[] counted;
    private final @Nullable Head[] waiting;

    PeerHeads(int members) {
        counted = new Head[members];
        waiting = new Head[members];
    }

    /// @param firstAnswer when the author's process first answered a challenge
    void observe(Statement statement, Instant firstAnswer, Instant now) {
        int member = statement.author().index();
        if (statement.contribution().body() instanceof Contribution.WithHead withHead
                && statement.envelope().length() <= EnvelopeVerifier.MAX_REMEMBERED) {
            settle(member, now);
            Head head = new Head(statement, withHead.head().count(), firstAnswer.plus(SETTLES));
            @Nullable Head[] heads = now.isBefore(head.countsFrom) ? waiting : counted;
            heads[member] = higher(heads[member], head);
        }
    }

    private void settle(int member, Instant now) {
        Head head = waiting[member];
        if (head != null && !now.isBefore(head.countsFrom)) {
            counted[member] = higher(counted[member], head);
            waiting[member] = null;
        }
    }

    private static Head higher(@Nullable Head known, Head other) {
        return known == null || other.count > known.count ? other : known;
    }

    /// A copy was found: the last process of the member may be one, and what it said does not
    /// count.
    void copyFound(int member, Instant now) {
        settle(member, now);
        waiting[member] = null;
    }

    /// Forgets the head that counts, and the one that does not yet, if they are such ones.
    void forget(int member, Predicate<JournalHead> such) {
        counted[member] = unless(counted[member], such);
        waiting[member] = unless(waiting[member], such);
    }

    private static @Nullable Head unless(@Nullable Head head, Predicate<JournalHead> such) {
        return head != null
                        && head.statement.contribution().body()
                                instanceof Contribution.WithHead withHead
                        && such.test(withHead.head())
                ? null
                : head;
    }

    /// Empty if the member has stated none that counts.
    Optional<Statement> highest(int member, Instant now) {
        settle(member, now);
        return Optional.ofNullable(counted[member]).map(Head::statement);
    }
}
