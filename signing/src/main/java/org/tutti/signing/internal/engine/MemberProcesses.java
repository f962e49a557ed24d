package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The processes that have answered this node's challenges for one member, and whether two of them
/// are there at the same time.
///
/// A process has a random boot id. One that was started again answers with another, and its former
/// one never again: so a copy is there if an *older* boot id answers a challenge that was made
/// after a newer one had answered. Reconnections, and several connections of one process, have one
/// boot id. A copy that has not answered for [#GONE_AFTER] is gone.
final class MemberProcesses {
    /// Most processes that are remembered of one member; the oldest is forgotten.
    static final int MAX_KEPT = 4;

    /// A process of two that has not answered for so long is gone: three challenges.
    static final Duration GONE_AFTER = Duration.ofSeconds(15);

    /// What an answer shows.
    enum Finding {
        /// A process that was known.
        NOTHING,
        /// A process that had not answered before.
        NEW_PROCESS,
        /// Two processes are there.
        COPY
    }

    private static final class KnownProcess {
        final Bytes boot;

        /// Challenges made by then when it first answered.
        final long since;

        /// When all were challenged first after it had answered; [Instant#MAX] before.
        Instant challengedAt = Instant.MAX;

        Instant lastAnswer;
        Bytes envelope;

        KnownProcess(Bytes boot, long since, Instant now, Bytes envelope) {
            this.boot = boot;
            this.since = since;
            this.lastAnswer = now;
            this.envelope = envelope;
        }
    }

    /// In the order of their first answers.
    private final List<KnownProcess> processes = new ArrayList<>();

    private final @Nullable Bytes ownBoot;
    private boolean copied;
    private List<Bytes> present;

    private MemberProcesses(@Nullable Bytes ownBoot) {
        this.ownBoot = ownBoot;
        this.present = ownBoot == null ? List.of() : List.of(ownBoot);
    }

    /// Those of another member.
    static MemberProcesses ofOther() {
        return new MemberProcesses(null);
    }

    /// Those with this node's own identity: this process is always there.
    static MemberProcesses ofSelf(Bytes boot) {
        return new MemberProcesses(boot);
    }

    /// A process has answered.
    ///
    /// @param number of the challenge, of this node's
    /// @param made how many challenges this node has made
    /// @param envelope of the answer
    Finding answered(Bytes boot, long number, long made, Instant now, Bytes envelope) {
        KnownProcess known = find(boot);
        if (known == null) {
            if (processes.size() == MAX_KEPT) {
                processes.removeFirst();
            }
            processes.add(new KnownProcess(boot, made, now, envelope));
        } else {
            known.lastAnswer = now;
            known.envelope = envelope;
        }
        if (ownBoot != null
                || (known != null && number > processes.getLast().since && !isLast(known))) {
            copied = true;
            update();
            return Finding.COPY;
        }
        if (known != null) {
            return Finding.NOTHING;
        }
        update();
        return Finding.NEW_PROCESS;
    }

    /// Whether a process that has not answered before may be one of the past: its answer is to a
    /// challenge that was made before the last process answered first, so that a relay may have
    /// kept it back since then. One that is there answers a later challenge too.
    boolean mayBeOfThePast(Bytes boot, long number) {
        return find(boot) == null && !processes.isEmpty() && number <= processes.getLast().since;
    }

    private boolean isLast(KnownProcess process) {
        return processes.getLast().boot.equals(process.boot);
    }

    private @Nullable KnownProcess find(Bytes boot) {
        return processes.stream().filter(p -> p.boot.equals(boot)).findFirst().orElse(null);
    }

    /// Whether this one has, and is remembered.
    boolean hasAnswered(Bytes boot) {
        return find(boot) != null;
    }

    /// Whether two processes are there.
    boolean copied() {
        return copied;
    }

    /// Forgets the processes that are gone, while there are two.
    ///
    /// @return whether that leaves one, or none
    boolean forgetGone(Instant now) {
        if (!copied) {
            return false;
        }
        processes.removeIf(p -> !now.isBefore(p.lastAnswer.plus(GONE_AFTER)));
        copied = processes.size() > (ownBoot == null ? 1 : 0);
        update();
        return !copied;
    }

    /// The boot ids that may be there: one, or while there is a copy all. Empty if none has
    /// answered.
    List<Bytes> present() {
        return present;
    }

    private void update() {
        if (ownBoot == null) {
            present =
                    copied
                            ? processes.stream().map(p -> p.boot).toList()
                            : processes.isEmpty() ? List.of() : List.of(processes.getLast().boot);
        }
    }

    /// All members are challenged now.
    void challenged(Instant now) {
        for (KnownProcess process : processes) {
            if (process.challengedAt.equals(Instant.MAX)) {
                process.challengedAt = now;
            }
        }
    }

    /// When all were challenged since this process is known, if it is the one that is there;
    /// [Instant#MAX] if they were not yet.
    Optional<Instant> challengedAt(Bytes boot) {
        return copied || processes.isEmpty() || !processes.getLast().boot.equals(boot)
                ? Optional.empty()
                : Optional.of(processes.getLast().challengedAt);
    }

    /// The last answer of each.
    List<Bytes> answers() {
        return processes.stream().map(p -> p.envelope).toList();
    }
}
