package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.JournalReplay;
import org.tutti.signing.journal.GroupReading;
import org.tutti.signing.journal.GroupState;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What the journal says of groups that are added: to those that are there at the start from the
/// one reading at the start, to others by reading it again, while the loop goes on writing.
///
/// Used under the service's lock.
final class GroupJournal {
    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(10);

    private final Journal journal;
    private final EventLoop loop;
    private final JournalRetention retention;
    private final InstantSource clock;
    private final Set<Bytes> given = new HashSet<>();
    private @Nullable JournalState atStart;
    private volatile boolean running; // set once, under the lock

    /// @param clock what has surely passed: nothing is forgotten by another
    /// @param atStart from the reading at the start
    GroupJournal(
            Journal journal,
            EventLoop loop,
            JournalRetention retention,
            InstantSource clock,
            JournalState atStart) {
        this.journal = journal;
        this.loop = loop;
        this.retention = retention;
        this.clock = clock;
        this.atStart = atStart;
    }

    /// Where a group's engine starts from.
    ///
    /// @param started the first entry that it has to write
    /// @param head of the group's chain with this entry
    record Start(JournalRecord.Started started, JournalHead head, JournalReplay replay) {}

    /// The loop runs from here on, and owns the journal.
    void started() {
        running = true;
        atStart = null; // What it has of groups that were not added may be large.
    }

    /// @param boot of this time in the group
    /// @throws IllegalStateException if the node can no longer sign, or the loop does not answer
    Start start(SignerGroup group, Bytes boot, SigningLimits limits) throws IOException {
        JournalState state = state(group.id());
        JournalRecord.Started started = new JournalRecord.Started(boot);
        // Nobody else writes to this group's chain until its engine does.
        JournalHead head = onLoop(() -> head(group.id())).next(started.type(), started.payload());
        state.accept(new JournalEntry(group.id(), started), head);
        return new Start(started, head, new JournalReplay(group, limits, state));
    }

    /// What the journal says of a group now. Threads: any but the loop's, which it waits for.
    ///
    /// @throws IllegalStateException if the loop does not answer
    GroupState read(Bytes group) throws IOException {
        try (GroupReading reading = onLoop(() -> journal.reading(group))) {
            return reading.read(retention, clock.instant()).group(group);
        }
    }

    private JournalHead head(Bytes group) {
        if (loop.failed()) {
            throw new IllegalStateException("this node can no longer sign");
        }
        return journal.head(group);
    }

    private JournalState state(Bytes group) throws IOException {
        JournalState read = atStart;
        if (read != null && given.add(group)) {
            return read;
        }
        try (GroupReading reading = onLoop(() -> journal.reading(group))) {
            return reading.read(retention, clock.instant());
        }
    }

    /// Waits until the loop has done what was posted before.
    void awaitLoop() throws InterruptedException {
        try {
            ask(() -> true);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the service cannot go on", e);
        }
    }

    /// On the loop's thread once it runs.
    private <T> T onLoop(Callable<T> question) throws IOException {
        try {
            return running ? ask(question) : question.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the journal", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("the service does not go on", e.getCause());
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T ask(Callable<T> question) throws InterruptedException, ExecutionException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.query(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(LOOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the service does not answer", e);
        }
    }
}
