package org.tutti.wallet.policy;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.wallet.policy.SpendingWindow.Approved;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/// Writes the approvals to disk.
///
/// Threads: one of its own writes, and nobody interrupts it; others leave their changes in the
/// queue, in the order in which they happened. After a failure nothing more is written, because
/// what is on disk then is not known.
final class SpendingWriter implements AutoCloseable {
    /// The file is written anew when it has so many entries more than twice what counts.
    static final int SLACK = 1_024;

    private sealed interface Change {
        record Append(Approved approved, CompletableFuture<Boolean> written) implements Change {}

        record Free(Txid txid) implements Change {}

        record Replace() implements Change {}

        record Stop() implements Change {}
    }

    private final SpendingFile file;
    private final Supplier<List<Approved>> counted;

    /// Bounded by the approvals that are asked for at a time, and what they counted before.
    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();

    private final Thread thread;

    /// Written by the thread alone, read by all.
    private volatile boolean failed;

    /// @param counted all that counts now, for when the file is written anew
    SpendingWriter(SpendingFile file, Supplier<List<Approved>> counted) {
        this.file = file;
        this.counted = counted;
        this.thread = Thread.ofPlatform().name("tutti-approved").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Whether what is on disk is not known any more.
    boolean failed() {
        return failed;
    }

    /// @return true when it is on disk, false when it will not be
    CompletableFuture<Boolean> append(Approved approved) {
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        changes.add(new Change.Append(approved, written));
        return written;
    }

    /// Returns at once: what is freed later on disk than in memory counts too long, at worst.
    void free(Txid txid) {
        changes.add(new Change.Free(txid));
    }

    /// Writes the file anew, soon.
    void replace() {
        changes.add(new Change.Replace());
    }

    private void run() {
        boolean more = true;
        while (more) {
            List<Change> batch = new ArrayList<>();
            batch.add(take());
            changes.drainTo(batch);
            more = !batch.contains(new Change.Stop());
            boolean written = write(batch);
            for (Change change : batch) {
                if (change instanceof Change.Append append) {
                    append.written().complete(written);
                }
            }
        }
        try {
            file.close();
        } catch (IOException e) {
            failed = true;
        }
    }

    private Change take() {
        while (true) {
            try {
                return changes.take();
            } catch (InterruptedException e) {
                // Nobody has this thread; were it interrupted nevertheless, it must not write with
                // the interrupt set, which is cleared now.
            }
        }
    }

    private boolean write(List<Change> batch) {
        if (failed) {
            return false;
        }
        try {
            for (Change change : batch) {
                switch (change) {
                    case Change.Append append -> file.append(append.approved());
                    case Change.Free free -> file.free(free.txid());
                    case Change.Replace _ -> file.replace(counted.get());
                    case Change.Stop _ -> {
                        // The rest of the batch is written.
                    }
                }
            }
            file.force();
            compact();
            return true;
        } catch (IOException | RuntimeException e) {
            failed = true;
            return false;
        }
    }

    private void compact() throws IOException {
        List<Approved> now = counted.get();
        if (file.entries() > 2L * now.size() + SLACK) {
            file.replace(now);
        }
    }

    /// Writes what was handed over, and closes the file.
    @Override
    public void close() {
        changes.add(new Change.Stop());
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
