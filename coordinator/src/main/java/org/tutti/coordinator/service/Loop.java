package org.tutti.coordinator.service;

import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.engine.EngineOutput;
import org.tutti.coordinator.internal.engine.GroupEngine;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.coordinator.store.RequestLog;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// The thread that owns engines and log. Takes what waits as one batch, writes its entries and
/// forces them once, and only then does what follows and answers whoever waits: nothing is
/// acknowledged that a crash could lose.
final class Loop {
    /// Most that waits of what comes from outside; whoever brings more waits itself.
    private static final int MAX_WAITING = 4_096;

    /// The log is rewritten when it has grown by this and to twice what it was.
    private static final long COMPACT_AFTER = 16L << 20;

    private static final int MAX_BATCH = 256;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(Loop.class.getName());

    /// Something to do with the engine.
    @FunctionalInterface
    interface Step<T> {
        T run(CoordinatorEngine engine, Instant now) throws Exception;
    }

    /// @param counted whether it came from outside
    private record Task<T>(Step<T> step, CompletableFuture<T> answer, boolean counted) {}

    /// An answer that is given when its batch is on disk.
    private record Ready(Runnable give) {}

    private final CoordinatorEngine engine;
    private final GroupEngine groups;
    private final RequestLog log;
    private final InstantSource clock;
    private final Consumer<EngineOutput> actions;
    private final Runnable afterBatch;
    private final Consumer<Throwable> onFailure;

    /// Entries that others say again to whoever loses them: written with the next that must not be
    /// lost, or when there are so many. Of the thread alone.
    private final List<LogEntry> notes = new ArrayList<>();

    private static final int MAX_NOTES = 1_024;

    private final BlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(MAX_WAITING);
    private final Thread thread =
            Thread.ofPlatform().name("tutti-coordinator").daemon(true).unstarted(this::run);
    private long compacted; // of the thread alone
    private volatile boolean closed; // written by close, read by all

    /// @param actions does one output; quick, and never throws
    /// @param afterBatch called on this thread
    /// @param onFailure told once if the log fails, or there was an error: nothing is done any more
    Loop(
            CoordinatorEngine engine,
            GroupEngine groups,
            RequestLog log,
            InstantSource clock,
            Consumer<EngineOutput> actions,
            Runnable afterBatch,
            Consumer<Throwable> onFailure) {
        this.engine = engine;
        this.groups = groups;
        this.log = log;
        this.clock = clock;
        this.actions = actions;
        this.afterBatch = afterBatch;
        this.onFailure = onFailure;
        this.compacted = log.size();
    }

    void start() {
        thread.start();
    }

    /// Does it with the engine, waiting for room but not for the step.
    void post(Step<?> step) throws InterruptedException {
        var _ = submit(step);
    }

    /// Does it with the engine, and waits until what follows from it is on disk.
    ///
    /// @throws IllegalStateException if the loop has ended
    <T> T call(Step<T> step) throws Exception {
        CompletableFuture<T> answer = submit(step);
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// As [#post], without waiting: for signing's event loop, which this one waits for. What
    /// signing tells is bounded by its sessions.
    void tell(Step<?> step) {
        var _ = add(step, false);
    }

    private <T> CompletableFuture<T> submit(Step<T> step) throws InterruptedException {
        room.acquire();
        return add(step, true);
    }

    private <T> CompletableFuture<T> add(Step<T> step, boolean counted) {
        Task<T> task = new Task<>(step, new CompletableFuture<>(), counted);
        queue.add(task);
        if (closed && queue.remove(task)) {
            end(List.of(task));
        }
        return task.answer();
    }

    /// Ends by a task, never by an interrupt: that would close the files that this thread writes,
    /// the journal of signing among them, in the middle of a write.
    private void run() {
        List<Task<?>> batch = new ArrayList<>();
        try {
            while (!closed) {
                batch.add(queue.take());
                queue.drainTo(batch, MAX_BATCH - 1);
                List<Ready> answers = new ArrayList<>();
                Instant now = clock.instant();
                for (Task<?> task : batch) {
                    if (task.counted()) {
                        room.release();
                    }
                    answers.add(step(task, now));
                }
                act();
                answers.forEach(ready -> ready.give().run());
                batch.clear();
                afterBatch.run();
            }
            log.append(notes);
        } catch (InterruptedException | IOException | RuntimeException | Error e) {
            closed = true;
            onFailure.accept(e);
        } finally {
            closed = true;
            end(batch);
            List<Task<?>> rest = new ArrayList<>();
            queue.drainTo(rest);
            end(rest);
        }
    }

    private void end(List<Task<?>> tasks) {
        for (Task<?> task : tasks) {
            if (task.counted()) {
                room.release();
            }
            task.answer()
                    .completeExceptionally(new IllegalStateException("the coordinator is closed"));
        }
    }

    private <T> Ready step(Task<T> task, Instant now) {
        try {
            T result = task.step().run(engine, now);
            return new Ready(() -> task.answer().complete(result));
        } catch (CoordinatorException e) {
            return new Ready(() -> task.answer().completeExceptionally(e));
        } catch (Exception e) {
            // A bug: whoever waits is told, and where nobody does, the log says so.
            LOG.log(System.Logger.Level.ERROR, "a step of the coordinator failed", e);
            return new Ready(() -> task.answer().completeExceptionally(e));
        }
    }

    /// What is done may lead to more.
    private void act() throws IOException {
        List<EngineOutput> outputs = takeOutputs();
        while (!outputs.isEmpty()) {
            boolean force = false;
            for (EngineOutput output : outputs) {
                switch (output) {
                    case EngineOutput.Append(LogEntry entry) -> {
                        notes.add(entry);
                        force = true;
                    }
                    case EngineOutput.Note(LogEntry entry) -> notes.add(entry);
                    default -> {
                        // Done below.
                    }
                }
            }
            if (force || notes.size() > MAX_NOTES) {
                log.append(notes);
                notes.clear();
            }
            outputs.forEach(actions);
            outputs = takeOutputs();
        }
        if (log.size() > 2 * compacted + COMPACT_AFTER) {
            log.compact(snapshot());
            compacted = log.size();
        }
    }

    private List<EngineOutput> takeOutputs() {
        List<EngineOutput> outputs = new ArrayList<>(engine.takeOutputs());
        outputs.addAll(groups.takeOutputs());
        return outputs;
    }

    /// All that matters of the log.
    List<LogEntry> snapshot() {
        List<LogEntry> entries = new ArrayList<>(engine.snapshot());
        entries.addAll(groups.snapshot());
        return entries;
    }

    /// Ends after what waits now.
    void close() throws InterruptedException {
        tell((_, _) -> {
            closed = true;
            return true;
        });
        thread.join(CLOSE_TIMEOUT);
    }
}
