package org.tutti.libp2p.kad;

import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Reads whom a node knew when its host starts, and saves whom it knows while it runs, where that
/// has changed, and when it ends.
///
/// Threads: a platform thread for each access, because a disk that is slow would keep the carrier of
/// a virtual one. The lock guards `state` and `saved`, and is held during an access, so that none
/// overtakes another.
final class RoutingTablePersistence {
    static final Duration INTERVAL = Duration.ofMinutes(5);

    /// How long the host's end may wait for the last save.
    private static final Duration LAST_SAVE = Duration.ofMillis(500);

    private static final System.Logger LOG =
            System.getLogger(RoutingTablePersistence.class.getName());

    private enum State {
        NEW,
        RUNNING,
        /// What is there could not be read, and is not overwritten.
        OFF,
        CLOSED
    }

    private final RoutingTableStorage storage;
    private final Timer timer;
    private final Supplier<List<KadPeer>> known;
    private State state = State.NEW;
    private List<KadPeer> saved = List.of();

    /// @param known whom the node knows
    RoutingTablePersistence(
            RoutingTableStorage storage, Timer timer, Supplier<List<KadPeer>> known) {
        this.storage = storage;
        this.timer = timer;
        this.known = known;
    }

    /// Returns at once.
    ///
    /// @param loaded told whom the node knew when it ran last
    void start(Consumer<List<KadPeer>> loaded) {
        var _ = platform(() -> load(loaded));
    }

    private static Thread platform(Runnable task) {
        return Thread.ofPlatform().daemon(true).name("libp2p-kad-table").start(task);
    }

    private synchronized void load(Consumer<List<KadPeer>> loaded) {
        if (state != State.NEW) {
            return;
        }
        try {
            loaded.accept(storage.load());
            state = State.RUNNING;
            schedule();
        } catch (IOException | RuntimeException e) {
            state = State.OFF;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "known peers of the DHT cannot be read and will not be saved: " + storage,
                    e);
        }
    }

    private void schedule() {
        timer.schedule(
                INTERVAL,
                () -> {
                    var _ = platform(this::saveAndGoOn);
                });
    }

    private synchronized void saveAndGoOn() {
        if (state == State.RUNNING) {
            save();
            schedule();
        }
    }

    /// With the lock held. A node that knows nobody was cut off: what it knew stays.
    private void save() {
        List<KadPeer> now = known.get();
        if (now.isEmpty() || now.equals(saved)) {
            return;
        }
        try {
            storage.save(now.subList(0, Math.min(RoutingTableStorage.MAX_PEERS, now.size())));
            saved = now;
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "known peers of the DHT cannot be saved: " + storage,
                    e);
        }
    }

    /// Saves a last time, and waits a moment for that.
    void stop() {
        Thread last = platform(this::close);
        try {
            last.join(LAST_SAVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void close() {
        if (state == State.RUNNING) {
            save();
        }
        state = State.CLOSED;
    }
}
