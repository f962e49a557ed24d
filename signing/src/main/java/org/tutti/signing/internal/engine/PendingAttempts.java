package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningLimits;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Ready messages for attempts of one session that this node has not reached, and the rule for
/// following them.
///
/// A signer that restarts must take a higher number, and a signer that was disconnected may be
/// behind, so numbers may be skipped. But no single member may use up the attempts of a session.
/// Therefore skipped numbers do not count: there are more than can be reached, and only attempts
/// that failed on this node because messages were missing count against the limit. This node
/// follows one member to a higher attempt a limited number of times and by a limited distance; a
/// Ready beyond that is kept, and used when all other members are ahead too. No honest signer is
/// excluded by this: a session can only be signed in an attempt in which all are ready, and this
/// node always goes to an attempt that all others have reached.
final class PendingAttempts {
    /// Higher attempt numbers are dropped. Honest signers stay far below, because they follow
    /// others only within the limits.
    static final int MAX_NUMBER = 1 << 30;

    private final SigningLimits limits;
    private final @Nullable Statement[] kept;
    private final int[] followed;

    PendingAttempts(SigningLimits limits, int members) {
        this.limits = limits;
        this.kept = new Statement[members];
        this.followed = new int[members];
    }

    /// Keeps the highest Ready of each member.
    ///
    /// @return another message of the same author for the same attempt, if there is one: proof of
    ///   equivocation (SAFETY 8)
    Optional<Statement> keep(Statement ready) {
        int author = ready.author().index();
        Statement known = kept[author];
        int number = ready.contribution().attempt();
        if (known == null || known.contribution().attempt() < number) {
            kept[author] = ready;
        } else if (known.contribution().attempt() == number
                && !known.payload().equals(ready.payload())) {
            return Optional.of(known);
        }
        return Optional.empty();
    }

    /// The attempt to go to from the current one, if any.
    Optional<Integer> follow(int current) {
        List<Statement> beyond =
                Stream.of(kept)
                        .filter(Objects::nonNull)
                        .filter(ready -> ready.contribution().attempt() > current)
                        .sorted(Comparator.comparingInt(r -> r.contribution().attempt()))
                        .toList();
        Optional<Statement> raiser =
                beyond.reversed().stream().filter(ready -> mayRaise(ready, current)).findFirst();
        if (raiser.isPresent()) {
            followed[raiser.get().author().index()]++;
            return raiser.map(ready -> ready.contribution().attempt());
        }
        return beyond.size() == kept.length - 1
                ? Optional.of(beyond.getFirst().contribution().attempt())
                : Optional.empty();
    }

    private boolean mayRaise(Statement ready, int current) {
        return followed[ready.author().index()] < limits.attempts().raisesPerMember()
                && ready.contribution().attempt() - current <= limits.attempts().leap();
    }

    /// Removes and returns the Ready messages for this attempt; those for lower attempts are
    /// dropped.
    List<Statement> take(int number) {
        List<Statement> now = new ArrayList<>();
        for (int i = 0; i < kept.length; i++) {
            Statement ready = kept[i];
            if (ready != null && ready.contribution().attempt() <= number) {
                kept[i] = null;
                if (ready.contribution().attempt() == number) {
                    now.add(ready);
                }
            }
        }
        return now;
    }

    /// Whether this member is in a later attempt, to which this node has not followed: it is not
    /// silent.
    boolean isAhead(Member member) {
        return kept[member.index()] != null;
    }
}
