package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Compacts a journal while it is used, when it has grown by [JournalRetention#compactGrowth]: the
/// file's beginning, which does not change, is read and its snapshot written in the background;
/// what was appended meanwhile is copied by the journal's thread, which then goes on in the new
/// file.
///
/// What cannot be done, as on a full disk, is tried again when the journal has grown by as much
/// again: a larger journal is a journal.
public final class JournalCompactor {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Journal journal;
    private final JournalRetention retention;
    private final InstantSource clock;
    private final Executor background;
    private final Runnable wake;
    private final Consumer<? super IOException> onGivenUp;
    private volatile boolean closing;
    private long growsFrom;
    private @Nullable CompletableFuture<Journal.Compacted> running;

    /// @param clock the wall clock; or, so that a step of it while this process runs forgets
    ///   nothing, the earlier of it and a clock that nobody sets
    /// @param wake called by the background when [#step] has something to do
    /// @param onGivenUp told each time that the journal could not be compacted, on its own thread
    public JournalCompactor(
            Journal journal,
            JournalRetention retention,
            InstantSource clock,
            Executor background,
            Runnable wake,
            Consumer<? super IOException> onGivenUp) {
        this.journal = journal;
        this.retention = retention;
        this.clock = clock;
        this.background = background;
        this.wake = wake;
        this.onGivenUp = onGivenUp;
        this.growsFrom = journal.size();
    }

    /// To be called by the journal's thread between batches; returns at once if there is nothing to
    /// do.
    ///
    /// @throws IOException if the journal cannot be used any more
    public void step() throws IOException {
        CompletableFuture<Journal.Compacted> current = running;
        if (current == null) {
            if (journal.size() - growsFrom > retention.compactGrowth()) {
                begin();
            }
        } else if (current.isDone()) {
            running = null;
            end(current);
        }
    }

    private void begin() {
        long prefix = journal.size();
        Instant now = clock.instant();
        CompletableFuture<Journal.Compacted> next = new CompletableFuture<>();
        running = next;
        background.execute(() -> {
            try {
                next.complete(journal.compact(prefix, retention, now, () -> closing));
            } catch (Throwable e) {
                next.completeExceptionally(e); // What it means is decided in [#end].
            }
            wake.run();
        });
    }

    private void end(CompletableFuture<Journal.Compacted> done) throws IOException {
        try {
            if (!journal.continueIn(done.join())) {
                onGivenUp.accept(new IOException("what was written meanwhile cannot be copied"));
            }
        } catch (CompletionException e) {
            // Exhausted memory ends the node, whatever it happens to (SAFETY 31).
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            onGivenUp.accept(
                    e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
        }
        growsFrom = journal.size();
    }

    /// Stops what runs in the background, and waits for it. To be called before the journal is
    /// closed.
    public void close() throws InterruptedException {
        closing = true;
        CompletableFuture<Journal.Compacted> current = running;
        running = null;
        if (current == null) {
            return;
        }
        try {
            journal.discard(current.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException _) {
            return; // Nothing was made, or the next start deletes it.
        }
    }
}
