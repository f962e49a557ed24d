package org.tutti.wallet.policy;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.policy.SpendingWindow.Approved;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/// What this signer approved in the last 24 hours, so that many small payments are bounded as one
/// large one is.
///
/// What counts is what a transaction takes from the group, its fee included, from the moment it is
/// approved, until time frees it by two clocks ([SpendingWindow]) or every session that might sign
/// it has ended before a partial signature of this node's left. The same transaction counts once,
/// so that asking again costs nothing.
///
/// An approval is on disk before it is given, so that a crash forgets none.
///
/// Threads: approvals run side by side, and may be interrupted; the signing engine tells what
/// became of sessions. One lock guards `window`, `over`, the queue's order and `closed`; nothing
/// blocks under it. The file is the [SpendingWriter]'s, whose thread nobody interrupts.
public final class DailySpending implements AutoCloseable {
    /// How long an approval counts.
    public static final Duration WINDOW = SpendingWindow.WINDOW;

    /// The most approvals in that time; more are refused.
    public static final int MAX_COUNTED = 100_000;

    /// The most ended sessions remembered: far more than have an approval at a time.
    private static final int MAX_OVER = 4_096;

    private final Supplier<ClockReading> clocks;
    private final SpendingWindow window;
    private final @Nullable SpendingWriter writer;

    /// Sessions that ended: an approval that comes later is for nothing, and does not count.
    private final BoundedMap<SessionId, Boolean> over = new BoundedMap<>(MAX_OVER);

    private boolean closed;

    private DailySpending(
            Supplier<ClockReading> clocks, SpendingWindow window, @Nullable SpendingFile file) {
        this.clocks = clocks;
        this.window = window;
        this.writer = file == null ? null : new SpendingWriter(file, this::counted);
    }

    /// Counts nothing and allows all.
    public static DailySpending unlimited() {
        return new DailySpending(
                () -> {
                    throw new IllegalStateException("no time is needed");
                },
                new SpendingWindow(Sat.MAX, 0, List.of(), 0),
                null);
    }

    /// Goes on where the file ends.
    ///
    /// @param path made if it is not there; readable by its owner alone
    /// @param limit the most that may leave the group in 24 hours
    /// @param clocks asked at each approval, from many threads
    /// @throws IOException if it cannot be read or written, or is damaged
    public static DailySpending open(Path path, Sat limit, Supplier<ClockReading> clocks)
            throws IOException {
        return open(path, limit, clocks, MAX_COUNTED, SpendingFile.DISK);
    }

    static DailySpending open(
            Path path,
            Sat limit,
            Supplier<ClockReading> clocks,
            int maxCounted,
            SpendingFile.Disk disk)
            throws IOException {
        List<Approved> before = new ArrayList<>();
        SpendingFile file = SpendingFile.open(path, before, disk);
        SpendingWindow window =
                new SpendingWindow(limit, maxCounted, before, clocks.get().runningNanos());
        DailySpending spending = new DailySpending(clocks, window, file);
        if (spending.writer != null) {
            spending.writer.start();
        }
        return spending;
    }

    /// Uses up the limit, whatever it is, for the next 24 hours: what was approved before may be
    /// forgotten. On disk when this returns. Not while the file is open.
    ///
    /// @param id 16 bytes that no other call has
    public static void useUp(Path path, Bytes id, Instant now) throws IOException {
        List<Approved> before = new ArrayList<>();
        try (SpendingFile file = SpendingFile.open(path, before, SpendingFile.DISK)) {
            Txid name = Txid.of(Bytes.concat(id, Bytes.wrap(new byte[16])));
            file.append(new Approved(name, now, Sat.MAX_VALUE));
            file.force();
        }
    }

    private synchronized List<Approved> counted() {
        return window.all();
    }

    /// Counts a transaction for a session. When this returns it is on disk.
    ///
    /// @param session or what stands for one, 32 bytes that no session has
    /// @param outflow what it takes from the group, fee included
    /// @throws RefusedException `AMOUNT_ABOVE_DAY_LIMIT`, or `TOO_MANY_SESSIONS`
    /// @throws InterruptedException if nobody waits for the approval any more; then it does not
    ///   count for the session
    public void count(SessionId session, Txid txid, Sat outflow)
            throws RefusedException, InterruptedException {
        if (writer == null) {
            return;
        }
        boolean written;
        try {
            written = begin(writer, session, txid, outflow).get();
        } catch (InterruptedException e) {
            released(session);
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the writer answers with values", e);
        }
        if (!written) {
            throw cannotKeep();
        }
    }

    private synchronized CompletableFuture<Boolean> begin(
            SpendingWriter to, SessionId session, Txid txid, Sat outflow) throws RefusedException {
        if (closed || to.failed()) {
            throw cannotKeep();
        }
        if (over.get(session) != null) {
            throw new RefusedException(RefusalCode.SESSION_OVER, "the session has ended");
        }
        ClockReading now = clocks.get();
        window.expire(now).forEach(to::free);
        return to.append(window.count(session, txid, outflow, now));
    }

    /// Another limit from now on. What was approved in these 24 hours counts against it.
    ///
    /// @throws IllegalStateException if there was none, so that nothing was counted
    public synchronized void use(Sat limit) {
        if (writer == null) {
            throw new IllegalStateException("nothing was counted so far");
        }
        window.use(limit);
    }

    /// What may still leave the group in these 24 hours; empty if there is no limit.
    public synchronized Optional<Sat> left() {
        if (writer == null) {
            return Optional.empty();
        }
        if (!closed) {
            window.expire(clocks.get()).forEach(writer::free);
        }
        return Optional.of(Sat.of(window.left()));
    }

    /// A partial signature of this node's is about to leave: from now on only time frees the
    /// transaction. Told again after a restart. Returns at once.
    public synchronized void committed(SessionId session, Txid txid) {
        window.committed(session, txid);
    }

    /// The session ended: what was approved for it does not count, unless a partial signature of
    /// this node's left. An approval that comes later does not count either. Returns at once.
    public synchronized void released(SessionId session) {
        if (writer != null && !closed) {
            over.put(session, true);
            window.released(session).ifPresent(writer::free);
        }
    }

    /// The wall clock stepped while this node ran: until [#trustClock] nothing is freed by time.
    public synchronized void doubtClock() {
        window.doubtClock();
    }

    /// An operator says that the wall clock is right now.
    public synchronized void trustClock() {
        if (writer != null && !closed) {
            window.trustClock(clocks.get());
            writer.replace();
        }
    }

    private static RefusedException cannotKeep() {
        return new RefusedException(
                RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, "the approval cannot be written to disk");
    }

    /// Writes what is to be written, and closes the file.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (writer != null) {
            writer.close();
        }
    }
}
