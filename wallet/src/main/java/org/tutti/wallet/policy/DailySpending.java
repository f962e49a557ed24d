package org.tutti.wallet.policy;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What this signer approved in the last 24 hours, so that many small payments are bounded as one
/// large one is.
///
/// What counts is what a transaction takes from the group, its fee included, from the moment it is
/// approved and whether or not it is ever signed: an approval that was given cannot be known to
/// have come to nothing. The same transaction counts once, so that asking again costs nothing.
///
/// An approval is on disk before it is given, so that a crash forgets none.
///
/// Threads: approvals run side by side. The lock guards `counted` and `written`; the file is
/// written outside it, and after a failure nothing more is approved, because what is on disk then
/// is not known.
public final class DailySpending implements AutoCloseable {
    /// How long an approval counts.
    public static final Duration WINDOW = Duration.ofHours(24);

    /// The most approvals in that time; more are refused.
    public static final int MAX_COUNTED = 100_000;

    private final Sat limit;
    private final InstantSource clock;
    private final @Nullable SpendingFile file;
    private final int maxCounted;
    private final Map<Txid, Approved> counted = new LinkedHashMap<>();

    /// Those of `counted` that are on disk.
    private final Set<Txid> written = new HashSet<>();

    /// Set once by the thread that could not write, read by all.
    private volatile boolean failed;

    /// @param sat taken from the group
    record Approved(Txid txid, Instant at, long sat) {}

    DailySpending(
            Sat limit,
            InstantSource clock,
            @Nullable SpendingFile file,
            List<Approved> before,
            int maxCounted) {
        this.limit = limit;
        this.clock = clock;
        this.file = file;
        this.maxCounted = maxCounted;
        before.forEach(approved -> {
            counted.put(approved.txid(), approved);
            written.add(approved.txid());
        });
    }

    /// Counts nothing and allows all.
    public static DailySpending unlimited() {
        return new DailySpending(Sat.MAX, Instant::now, null, List.of(), 0);
    }

    /// Goes on where the file ends.
    ///
    /// @param path made if it is not there; readable by its owner alone
    /// @param limit the most that may leave the group in 24 hours
    /// @throws IOException if it cannot be read or written, or is damaged
    public static DailySpending open(Path path, Sat limit, InstantSource clock) throws IOException {
        List<Approved> before = new ArrayList<>();
        Instant start = clock.instant().minus(WINDOW);
        SpendingFile file =
                SpendingFile.open(path, approved -> approved.at().isAfter(start), before);
        return new DailySpending(limit, clock, file, before, MAX_COUNTED);
    }

    /// Counts a transaction. When this returns it is on disk.
    ///
    /// @param outflow what it takes from the group, fee included
    /// @throws RefusedException `AMOUNT_ABOVE_DAY_LIMIT`, or `TOO_MANY_SESSIONS`
    void count(Txid txid, Sat outflow) throws RefusedException {
        if (file == null) {
            return;
        }
        Approved approved = new Approved(txid, clock.instant(), outflow.value());
        if (!add(approved)) {
            return;
        }
        try {
            file.append(approved);
            wrote(txid);
        } catch (IOException e) {
            failed = true;
            throw cannotKeep();
        }
    }

    private synchronized void wrote(Txid txid) {
        written.add(txid);
    }

    /// @return false if it is counted and on disk already; a thread that comes while another is
    ///   writing the same writes it, too
    private synchronized boolean add(Approved approved) throws RefusedException {
        if (failed) {
            throw cannotKeep();
        }
        Instant start = approved.at().minus(WINDOW);
        counted.values().removeIf(before -> !before.at().isAfter(start));
        written.retainAll(counted.keySet());
        if (counted.containsKey(approved.txid())) {
            return !written.contains(approved.txid());
        }
        long left = limit.value();
        for (Approved before : counted.values()) {
            left -= Math.min(left, before.sat());
        }
        if (approved.sat() > left) {
            throw new RefusedException(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    "%d sat with its fee, and %d of %s are left for these 24 hours"
                            .formatted(approved.sat(), left, limit));
        }
        if (counted.size() >= maxCounted) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_SESSIONS, "too many approvals in 24 hours");
        }
        counted.put(approved.txid(), approved);
        return true;
    }

    private static RefusedException cannotKeep() {
        return new RefusedException(
                RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, "the approval cannot be written to disk");
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
