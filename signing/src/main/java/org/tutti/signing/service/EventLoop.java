package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.EngineTime;
import org.tutti.signing.internal.engine.GroupCommit;
import org.tutti.signing.internal.engine.GroupEngine;
import org.tutti.signing.internal.engine.GroupOutput;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Runs the engines of all groups, and the journal, on one thread.
///
/// All tasks that are waiting in its queue are one batch: first the engines handle the inputs, then
/// the journal's entries are written with at most one force, then the outputs that had to wait for
/// the disk are performed (group commit). The thread blocks only on its queue and the disk. The
/// queue itself is unbounded because every producer is bounded (permits of each member's readers,
/// one open link, the number of groups, of approvals and of own requests).
final class EventLoop {
    /// Most tasks in one batch.
    static final int MAX_BATCH = 256;

    /// An input of one group's engine.
    record Addressed(GroupEngine group, EngineInput input) {}

    /// A task of the loop.
    sealed interface Task {}

    /// @param restore gives the engine's first outputs
    record Join(GroupEngine group, Function<EngineTime, List<EngineOutput>> restore)
            implements Task {}

    /// @param done runs when the input has been handled, so that its sender may continue; also if
    ///   the group has left
    record Handle(GroupEngine group, EngineInput input, Runnable done) implements Task {}

    /// @param inputs asked for when it is handled: however many groups there are, what waits is one
    ///   small object
    /// @param done runs when all have been handled
    record HandleAll(Supplier<List<Addressed>> inputs, Runnable done) implements Task {}

    record Leave(GroupEngine group) implements Task {}

    /// Runs after the batch, with all that came before it written and performed.
    record Query(Runnable query) implements Task {}

    record Stop() implements Task {}

    private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();

    /// In the order in which they joined.
    private final Set<GroupEngine> engines = new LinkedHashSet<>();

    private final InstantSource clock;
    private final LongSupplier bootClock;
    private final GroupCommit commit;
    private final JournalCompactor compactor;
    private final Consumer<Throwable> onFailure;

    /// @param onFailure told once if this node can no longer sign: its owner should end it
    EventLoop(
            Journal journal,
            JournalCompactor compactor,
            InstantSource clock,
            LongSupplier bootClock,
            Consumer<Throwable> onFailure) {
        this.commit = new GroupCommit(engines, journal);
        this.compactor = compactor;
        this.clock = clock;
        this.bootClock = bootClock;
        this.onFailure = onFailure;
    }

    private EngineTime now() {
        return new EngineTime(clock.instant(), Duration.ofNanos(bootClock.getAsLong()));
    }

    /// Whether this node can no longer sign. On the loop's thread, or when it has ended.
    boolean failed() {
        return commit.failed();
    }

    /// The group's engine handles inputs from here on.
    ///
    /// @param restore gives its first outputs
    void join(GroupEngine group, Function<EngineTime, List<EngineOutput>> restore) {
        queue.add(new Join(group, restore));
    }

    /// Suspends the group's sessions. What is posted for it after this is ignored.
    void leave(GroupEngine group) {
        queue.add(new Leave(group));
    }

    /// Takes back that the group joins, and what was posted for it, while the loop does not run.
    void forget(GroupEngine group) {
        queue.removeIf(task ->
                (task instanceof Join join && join.group().equals(group))
                        || (task instanceof Handle handle && handle.group().equals(group)));
    }

    void post(GroupEngine group, EngineInput input) {
        queue.add(new Handle(group, input, () -> {}));
    }

    void post(GroupEngine group, EngineInput input, Runnable done) {
        queue.add(new Handle(group, input, done));
    }

    void postAll(Supplier<List<Addressed>> inputs, Runnable done) {
        queue.add(new HandleAll(inputs, done));
    }

    void query(Runnable query) {
        queue.add(new Query(query));
    }

    void stop() {
        queue.add(new Stop());
    }

    /// Runs until stopped, or until this node can no longer sign: a node that looks alive and does
    /// not sign is worse than one that has ended.
    @SuppressWarnings("CatchAndPrintStackTrace")
    void run() {
        try {
            runBatches();
        } catch (Throwable e) {
            // Errors too, such as exhausted memory: what the engines know can no longer be trusted.
            engines.forEach(each -> wipe(each, e));
            onFailure.accept(e instanceof EvidenceNotSavedException lost ? lost.stopped() : e);
        }
    }

    /// The secret nonces must not outlive the engine, whatever has happened to it.
    @SuppressWarnings("CatchAndPrintStackTrace")
    private static void wipe(GroupEngine group, Throwable cause) {
        try {
            group.engine().wipe();
        } catch (Throwable e) {
            if (!e.equals(cause)) {
                cause.addSuppressed(e);
            }
        }
    }

    private void runBatches() {
        List<Task> batch = new ArrayList<>();
        boolean running = true;
        while (running) {
            batch.clear();
            try {
                Task task = next();
                if (task != null) {
                    batch.add(task);
                    queue.drainTo(batch, MAX_BATCH - 1);
                }
            } catch (InterruptedException _) {
                batch.add(new Stop()); // This thread is only interrupted to stop it.
            }
            running = step(batch);
        }
    }

    /// The next task; null if something is due before there is one. While tasks wait, nobody asks
    /// when the next deadline is: each engine looks at its own before its input.
    private @Nullable Task next() throws InterruptedException {
        Task waiting = Thread.currentThread().isInterrupted() ? null : queue.poll();
        return waiting == null
                ? queue.poll(untilNextDeadline().toNanos(), TimeUnit.NANOSECONDS)
                : waiting;
    }

    private Duration untilNextDeadline() {
        Duration wait = Duration.ofHours(1);
        EngineTime now = now();
        for (GroupEngine group : engines) {
            Duration due = group.engine().untilNextDeadline(now).orElse(wait);
            wait = due.compareTo(wait) < 0 ? due : wait;
        }
        return wait;
    }

    private boolean step(List<Task> batch) {
        List<GroupOutput> outputs = new ArrayList<>();
        List<Runnable> queries = new ArrayList<>();
        boolean running = true;
        for (Task task : batch) {
            switch (task) {
                case Join join -> outputs.addAll(restore(join));
                case Handle(GroupEngine group, EngineInput input, Runnable done) -> {
                    outputs.addAll(handleIfThere(group, input));
                    done.run();
                }
                case HandleAll(Supplier<List<Addressed>> inputs, Runnable done) -> {
                    for (Addressed each : inputs.get()) {
                        outputs.addAll(handleIfThere(each.group(), each.input()));
                    }
                    done.run();
                }
                case Leave(GroupEngine group) -> {
                    if (engines.contains(group)) {
                        outputs.addAll(handle(group, new EngineInput.GroupDropped()));
                        engines.remove(group);
                    }
                }
                case Query(Runnable query) -> queries.add(query);
                case Stop _ -> {
                    engines.forEach(
                            group -> outputs.addAll(handle(group, new EngineInput.Shutdown())));
                    running = false;
                }
            }
        }
        EngineTime now = now();
        for (GroupEngine group : engines) {
            if (group.engine().isDue(now)) {
                outputs.addAll(handle(group, new EngineInput.Tick(), now));
            }
        }
        // The time matters to them only if the journal fails.
        commit.perform(outputs, now);
        queries.forEach(Runnable::run);
        commit.compact(compactor, now);
        if (commit.failed()) {
            commit.failure().ifPresent(onFailure);
        }
        return running;
    }

    private List<GroupOutput> restore(Join join) {
        GroupEngine group = join.group();
        engines.add(group);
        return commit.failed()
                ? handle(group, new EngineInput.JournalFailed("this node can no longer sign"))
                : group.outputs(join.restore().apply(now()));
    }

    private List<GroupOutput> handleIfThere(GroupEngine group, EngineInput input) {
        return engines.contains(group) ? handle(group, input) : List.of();
    }

    /// A bug in an engine stops signing, because its state can no longer be trusted, but not the
    /// node.
    private List<GroupOutput> handle(GroupEngine group, EngineInput input) {
        return handle(group, input, now());
    }

    private List<GroupOutput> handle(GroupEngine group, EngineInput input, EngineTime now) {
        try {
            return group.outputs(group.engine().handle(input, now));
        } catch (RuntimeException e) {
            commit.fail(e, "internal error: " + e.getClass().getSimpleName(), now);
            return List.of();
        }
    }
}
