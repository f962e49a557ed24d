package org.tutti.signing.service;

import org.tutti.signing.session.EngineInput;
import org.tutti.signing.session.EngineOutput;
import org.tutti.signing.session.SessionEngine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The one thread that owns engine and journal.
///
/// It takes what waits in its queue as one batch: engine, then the journal's entries with at most
/// one force for all of them, then everything that had to wait for the disk (group commit). It
/// waits for nothing but its queue and the disk. The queue has no bound of its own: every producer
/// has one (permits of each member's readers, one open link, the number of approvals and of own
/// requests).
final class EventLoop {
    /// Most events in one batch.
    static final int MAX_BATCH = 256;

    /// Something for the loop to do.
    sealed interface Task {}

    /// @param done told when the event was handled, so that its sender may go on
    record Handle(EngineInput event, Runnable done) implements Task {}

    record Ask(Runnable question) implements Task {}

    record Stop() implements Task {}

    private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
    private final SessionEngine engine;
    private final InstantSource clock;
    private final GroupCommit commit;

    EventLoop(SessionEngine engine, GroupCommit commit, InstantSource clock) {
        this.engine = engine;
        this.commit = commit;
        this.clock = clock;
    }

    void post(EngineInput event) {
        queue.add(new Handle(event, () -> {}));
    }

    void post(EngineInput event, Runnable done) {
        queue.add(new Handle(event, done));
    }

    void ask(Runnable question) {
        queue.add(new Ask(question));
    }

    void stop() {
        queue.add(new Stop());
    }

    /// Runs until stopped.
    void run(List<EngineOutput> first) {
        commit.perform(first, clock.instant());
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
                batch.add(new Stop()); // Nobody interrupts this thread but to end it.
            }
            running = step(batch);
        }
    }

    private Duration untilNextDeadline() {
        Instant now = clock.instant();
        return engine.nextDeadline()
                .map(due -> due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO)
                .orElse(Duration.ofHours(1));
    }

    private boolean step(List<Task> batch) {
        Instant now = clock.instant();
        List<EngineOutput> actions = new ArrayList<>();
        boolean running = true;
        for (Task task : batch) {
            switch (task) {
                case Handle(EngineInput event, Runnable done) -> {
                    actions.addAll(handle(event, now));
                    done.run();
                }
                case Ask(Runnable question) -> question.run();
                case Stop _ -> {
                    actions.addAll(engine.handle(new EngineInput.Shutdown(), now));
                    running = false;
                }
            }
        }
        if (engine.nextDeadline().filter(due -> !due.isAfter(now)).isPresent()) {
            actions.addAll(handle(new EngineInput.Tick(), now));
        }
        commit.perform(actions, now);
        return running;
    }

    /// A bug in the engine stops the signing, not the node: its state can no longer be trusted.
    private List<EngineOutput> handle(EngineInput event, Instant now) {
        try {
            return engine.handle(event, now);
        } catch (RuntimeException e) {
            commit.fail("internal error: " + e.getClass().getSimpleName(), now);
            return List.of();
        }
    }
}
