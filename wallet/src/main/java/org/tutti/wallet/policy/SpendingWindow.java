package org.tutti.wallet.policy;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What was approved, and counts against the day's limit. Time comes in, nothing is written.
///
/// An approval stops counting for two reasons only: [#WINDOW] has passed by the wall clock *and* by
/// the running time or the chain's; or every session that it was given to ended before a partial
/// signature left. A wall clock that jumps ahead and back frees nothing, and one that jumped while
/// this node ran frees nothing until an operator says that it is right.
///
/// Not safe for threads: its owner's lock guards it.
final class SpendingWindow {
    /// How long an approval counts.
    static final Duration WINDOW = Duration.ofHours(24);

    private long limit;
    private final int maxCounted;
    private final Map<Txid, Counted> counted = new LinkedHashMap<>();
    private final Map<SessionId, Txid> sessions = new LinkedHashMap<>();
    private boolean clockInDoubt;

    /// An approval, as it stands on disk.
    ///
    /// @param at by the wall clock or the chain's, whichever was later: a clock that is set back
    ///   makes no approval look old
    /// @param sat taken from the group
    record Approved(Txid txid, Instant at, long sat) {}

    private static final class Counted {
        Approved approved;

        /// When it was counted in this run, or when this run began.
        final long runningNanos;

        /// The sessions of this run that it was given to and that may still be signed.
        final Set<SessionId> open = new HashSet<>();

        /// A partial signature of this node's left: only time frees it.
        boolean committed;

        Counted(Approved approved, long runningNanos) {
            this.approved = approved;
            this.runningNanos = runningNanos;
        }
    }

    /// @param before what counted when the last run ended
    SpendingWindow(Sat limit, int maxCounted, List<Approved> before, long runningNanos) {
        this.limit = limit.value();
        this.maxCounted = maxCounted;
        before.forEach(
                approved -> counted.put(approved.txid(), new Counted(approved, runningNanos)));
    }

    /// What counts now, oldest first.
    List<Approved> all() {
        return counted.values().stream().map(c -> c.approved).toList();
    }

    /// Forgets what no longer counts.
    ///
    /// @return what was forgotten
    List<Txid> expire(ClockReading now) {
        if (clockInDoubt) {
            return List.of();
        }
        List<Txid> gone = new ArrayList<>();
        counted.forEach((txid, entry) -> {
            if (isOver(entry, now)) {
                gone.add(txid);
            }
        });
        gone.forEach(this::remove);
        return gone;
    }

    private static boolean isOver(Counted entry, ClockReading now) {
        Instant end = entry.approved.at().plus(WINDOW);
        boolean running = now.runningNanos() - entry.runningNanos >= WINDOW.toNanos();
        return !now.wall().isBefore(end) && (running || !now.chain().isBefore(end));
    }

    private void remove(Txid txid) {
        Counted entry = counted.remove(txid);
        if (entry != null) {
            sessions.keySet().removeAll(entry.open);
        }
    }

    /// Counts a transaction for a session; one that counts already costs nothing more.
    ///
    /// @return what must be on disk before the approval is given
    /// @throws RefusedException if it does not fit
    Approved count(SessionId session, Txid txid, Sat outflow, ClockReading now)
            throws RefusedException {
        Counted known = counted.get(txid);
        if (known == null) {
            known = add(txid, outflow, now);
        }
        if (!known.committed && known.open.add(session)) {
            sessions.put(session, txid);
        }
        return known.approved;
    }

    /// Another limit from now on; what counts goes on counting.
    void use(Sat newLimit) {
        limit = newLimit.value();
    }

    /// What may still be approved.
    long left() {
        long left = limit;
        for (Counted before : counted.values()) {
            left -= Math.min(left, before.approved.sat());
        }
        return left;
    }

    private Counted add(Txid txid, Sat outflow, ClockReading now) throws RefusedException {
        long left = left();
        if (outflow.value() > left) {
            throw new RefusedException(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    "%d sat with its fee, and %d of %d sat are left for these 24 hours"
                            .formatted(outflow.value(), left, limit));
        }
        if (counted.size() >= maxCounted) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_SESSIONS, "too many approvals in 24 hours");
        }
        Instant at = now.wall().isBefore(now.chain()) ? now.chain() : now.wall();
        Counted entry = new Counted(new Approved(txid, at, outflow.value()), now.runningNanos());
        counted.put(txid, entry);
        return entry;
    }

    /// A partial signature of this node's is about to leave.
    void committed(SessionId session, Txid txid) {
        Counted entry = counted.get(txid);
        if (entry != null) {
            entry.committed = true;
            sessions.keySet().removeAll(entry.open);
            entry.open.clear();
        }
    }

    /// The session ended, and no partial signature of this node's left for it.
    ///
    /// @return its transaction, if no other session may sign it and it no longer counts
    Optional<Txid> released(SessionId session) {
        Txid txid = sessions.remove(session);
        Counted entry = txid == null ? null : counted.get(txid);
        if (txid == null || entry == null) {
            return Optional.empty();
        }
        entry.open.remove(session);
        if (!entry.open.isEmpty()) {
            return Optional.empty();
        }
        remove(txid);
        return Optional.of(txid);
    }

    /// The wall clock stepped while this node ran: nothing is freed by time.
    void doubtClock() {
        clockInDoubt = true;
    }

    /// An operator says that the wall clock is right. What was approved in its future was approved
    /// by a clock that was wrong; it counts from now on.
    void trustClock(ClockReading now) {
        clockInDoubt = false;
        for (Counted entry : counted.values()) {
            if (entry.approved.at().isAfter(now.wall())) {
                entry.approved =
                        new Approved(entry.approved.txid(), now.wall(), entry.approved.sat());
            }
        }
    }
}
