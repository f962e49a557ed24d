package org.tutti.signing.service;

import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.EngineTime;
import org.tutti.signing.internal.engine.GroupCommit;
import org.tutti.signing.internal.engine.SessionEngine;
import org.tutti.signing.journal.JournalCompactor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// Runs engine and journal, on one thread.
///
/// All tasks that are waiting in its queue are one batch: first the engine handles the inputs, then
/// the journal's entries are written with at most one force, then the outputs that had to wait for
/// the disk are performed (group commit). The thread blocks only on its queue and the disk. The
/// queue itself is unbounded because every producer is bounded (permits of each member's readers,
/// one open link, the number of approvals and of own requests).
final class EventLoop {
    /// Most tasks in one batch.
    static final int MAX_BATCH = 256;

    /// A task of the loop.
    sealed interface Task {}

    /// @param done runs when the input has been handled, so that its sender may continue
    record Handle(EngineInput input, Runnable done) implements Task {}

    record Query(Runnable query) implements Task {}

    record Stop() implements Task {}

    private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
    private final SessionEngine engine;
    private final InstantSource clock;
    private final LongSupplier bootClock;
    private final GroupCommit commit;
    private final JournalCompactor compactor;
    private final Consumer<Throwable> onFailure;

    /// @param onFailure told once if this node can sign no more: its owner should end it
    EventLoop(
            SessionEngine engine,
            GroupCommit commit,
            JournalCompactor compactor,
            InstantSource clock,
            LongSupplier bootClock,
            Consumer<Throwable> onFailure) {
        this.engine = engine;
        this.commit = commit;
        this.compactor = compactor;
        this.clock = clock;
        this.bootClock = bootClock;
        this.onFailure = onFailure;
    }

    private EngineTime now() {
        return new EngineTime(clock.instant(), Duration.ofNanos(bootClock.getAsLong()));
    }

    void post(EngineInput input) {
        queue.add(new Handle(input, () -> {}));
    }

    void post(EngineInput input, Runnable done) {
        queue.add(new Handle(input, done));
    }

    void query(Runnable query) {
        queue.add(new Query(query));
    }

    void stop() {
        queue.add(new Stop());
    }

    /// Runs until stopped, or until this node can sign no more: a node that looks alive and does
    /// not sign is worse than one that has ended.
    ///
    /// @param restore gives the first outputs
    @SuppressWarnings("CatchAndPrintStackTrace")
    void run(Function<EngineTime, List<EngineOutput>> restore) {
        try {
            commit.perform(restore.apply(now()), now());
            runBatches();
        } catch (Throwable e) {
            // Errors too, such as exhausted memory: what the engine knows can no longer be trusted.
            wipe(e);
            onFailure.accept(e instanceof EvidenceNotSavedException lost ? lost.stopped() : e);
        }
    }

    /// The secret nonces must not outlive the engine, whatever has happened to it.
    @SuppressWarnings("CatchAndPrintStackTrace")
    private void wipe(Throwable cause) {
        try {
            engine.wipe();
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
                Task task = queue.poll(untilNextDeadline().toNanos(), TimeUnit.NANOSECONDS);
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

    private Duration untilNextDeadline() {
        Duration longest = Duration.ofHours(1);
        Duration wait = engine.untilNextDeadline(now()).orElse(longest);
        return wait.compareTo(longest) < 0 ? wait : longest;
    }

    private boolean step(List<Task> batch) {
        List<EngineOutput> outputs = new ArrayList<>();
        boolean running = true;
        for (Task task : batch) {
            switch (task) {
                case Handle(EngineInput input, Runnable done) -> {
                    outputs.addAll(handle(input));
                    done.run();
                }
                case Query(Runnable query) -> query.run();
                case Stop _ -> {
                    outputs.addAll(engine.handle(new EngineInput.Shutdown(), now()));
                    running = false;
                }
            }
        }
        if (engine.untilNextDeadline(now()).filter(Duration::isZero).isPresent()) {
            outputs.addAll(handle(new EngineInput.Tick()));
        }
        commit.perform(outputs, now());
        commit.compact(compactor, now());
        if (commit.failed()) {
            commit.failure().ifPresent(onFailure);
        }
        return running;
    }

    /// A bug in the engine stops signing, because its state can no longer be trusted, but not the
    /// node.
    private List<EngineOutput> handle(EngineInput input) {
        try {
            return engine.handle(input, now());
        } catch (RuntimeException e) {
            commit.fail(e, "internal error: " + e.getClass().getSimpleName(), now());
            return List.of();
        }
    }
}
