package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
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
/// A head counts [#SETTLES] after a challenge to all that was made when its process had answered,
/// if no copy was found: a copy that goes away has not silenced the original, which answers that
/// challenge. However much time passes, as while the machine sleeps, no head counts unchallenged.
/// What a process states before it has answered, its answer being on the way or lost, waits for the
/// answer.
final class PeerHeads {
    /// How long after the challenge heads count: answers to it come before.
    static final Duration SETTLES = Duration.ofSeconds(2);

    /// A statement with a head, and when it counts.
    private record Head(Statement statement, long count, Instant countsFrom) {
        boolean isOf(Bytes boot) {
            return statement.contribution().boot().equals(boot);
        }
    }

    private final @Nullable Head[] counted;
    private final @Nullable Head[] waiting;

    /// Of a process of each member that has not answered, the last that has spoken.
    private final @Nullable Head[] unanswered;

    PeerHeads(int members) {
        counted = new Head[members];
        waiting = new Head[members];
        unanswered = new Head[members];
    }

    /// @param challengedAt when all were challenged since the author's process is known;
    ///   [Instant#MAX] if they were not yet
    void observe(Statement statement, Instant challengedAt, Instant now) {
        int member = statement.author().index();
        Head head = head(statement, challengedAt);
        if (head != null) {
            settle(member, now);
            @Nullable Head[] heads = now.isBefore(head.countsFrom) ? waiting : counted;
            heads[member] = higher(heads[member], head);
        }
    }

    /// The author's process has not answered a challenge.
    void observeUnanswered(Statement statement) {
        int member = statement.author().index();
        Head head = head(statement, Instant.MAX);
        if (head != null) {
            Head known = unanswered[member];
            unanswered[member] =
                    known != null && known.isOf(statement.contribution().boot())
                            ? higher(known, head)
                            : head;
        }
    }

    /// What this process has stated before it answered, which is now: to be observed again.
    Optional<Statement> answered(int member, Bytes boot) {
        Head head = unanswered[member];
        if (head == null || !head.isOf(boot)) {
            return Optional.empty();
        }
        unanswered[member] = null;
        return Optional.of(head.statement);
    }

    /// Null if it has none, or is too large to be shown.
    private static @Nullable Head head(Statement statement, Instant challengedAt) {
        return statement.contribution().body() instanceof Contribution.WithHead withHead
                        && statement.envelope().length() <= EnvelopeVerifier.MAX_REMEMBERED
                ? new Head(statement, withHead.head().count(), settled(challengedAt))
                : null;
    }

    private static Instant settled(Instant challengedAt) {
        return challengedAt.equals(Instant.MAX) ? Instant.MAX : challengedAt.plus(SETTLES);
    }

    /// All members are challenged now.
    void challenged(Instant now) {
        for (int member = 0; member < waiting.length; member++) {
            Head head = waiting[member];
            if (head != null && head.countsFrom.equals(Instant.MAX)) {
                waiting[member] = new Head(head.statement, head.count, settled(now));
            }
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
