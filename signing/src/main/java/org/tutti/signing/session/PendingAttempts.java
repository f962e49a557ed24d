package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.group.Member;
import org.tutti.signing.wire.Inbound.Statement;
import org.tutti.signing.wire.SigningLimits;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// What others said about attempts of one session that this node has not come to, and when it goes
/// there.
///
/// A signer that restarts must take a higher number, and one whose connections were down may be
/// behind, so numbers may be jumped over. What must not be is that one member uses up what belongs
/// to all. So a number by itself costs nothing: there are more of them than anybody can reach, and
/// the attempts that a session has are those that failed here for want of messages. Each member can
/// carry this node forward so often and so far, and what it says beyond that is kept and used when
/// the others are there too. Nobody honest is shut out by it: a session can only be signed in an
/// attempt in which all are ready, and to one where all others are this node always goes.
final class PendingAttempts {
    /// No attempt beyond is heard of. With the bounds of followed raises, honest signers stay far
    /// below it.
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

    /// Where to go from this attempt, if anywhere.
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
        return followed[ready.author().index()] < limits.raisesPerMember()
                && ready.contribution().attempt() - current <= limits.attemptLeap();
    }

    /// What was said for this attempt, now that it is here; what was said for lower ones is
    /// forgotten.
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

    /// Whether this member is in an attempt that this node has not followed it to: it is not
    /// silent.
    boolean isBeyond(Member member) {
        return kept[member.index()] != null;
    }
}
