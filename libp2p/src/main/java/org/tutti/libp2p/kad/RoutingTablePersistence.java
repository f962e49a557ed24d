package org.tutti.libp2p.kad;

import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Whom a node of the DHT knew, from one run to the next. The disk is read and written on platform
/// threads alone: neither the start nor the end of a host waits for it, but for a moment.
final class RoutingTablePersistence {
    static final Duration INTERVAL = Duration.ofMinutes(5);

    /// How long the host's end may wait for the last save.
    private static final Duration LAST_SAVE = Duration.ofMillis(500);

    private static final String THREAD = "libp2p-kad-table";

    private final PeriodicSave save;

    /// @param known whom the node knows
    /// @param loaded told whom the node knew when it ran last
    RoutingTablePersistence(
            RoutingTableStorage storage,
            Timer timer,
            Supplier<List<KadPeer>> known,
            Consumer<List<KadPeer>> loaded) {
        this.save =
                new PeriodicSave(
                        new Peers(storage, known, loaded),
                        "known peers of the DHT in " + storage,
                        THREAD,
                        INTERVAL,
                        timer);
    }

    private static final class Peers implements PeriodicSave.Content {
        private final RoutingTableStorage storage;
        private final Supplier<List<KadPeer>> known;
        private final Consumer<List<KadPeer>> loaded;
        private List<KadPeer> saved = List.of();

        private Peers(
                RoutingTableStorage storage,
                Supplier<List<KadPeer>> known,
                Consumer<List<KadPeer>> loaded) {
            this.storage = storage;
            this.known = known;
            this.loaded = loaded;
        }

        @Override
        public void load() throws IOException {
            loaded.accept(storage.load());
        }

        /// A node that knows nobody was cut off: what it knew stays.
        @Override
        public void saveChanges() throws IOException {
            List<KadPeer> now = known.get();
            if (!now.isEmpty() && !now.equals(saved)) {
                storage.save(now.subList(0, Math.min(RoutingTableStorage.MAX_PEERS, now.size())));
                saved = now;
            }
        }
    }

    /// Returns at once.
    void start() {
        var _ = platform(save::start);
    }

    private static Thread platform(Runnable task) {
        return Thread.ofPlatform().daemon(true).name(THREAD).start(task);
    }

    /// Saves a last time, and waits a moment for that.
    void stop() {
        Thread last = platform(save::close);
        try {
            last.join(LAST_SAVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
