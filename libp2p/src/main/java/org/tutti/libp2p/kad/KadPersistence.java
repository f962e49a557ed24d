package org.tutti.libp2p.kad;

import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.kad.record.SeenSequence;
import org.tutti.libp2p.kad.record.SeenSequenceStorage;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a node of the DHT knows from one run to the next. The disk is read and written on platform
/// threads alone: a host waits for it at its start and at its end, if at all, for a moment.
final class KadPersistence {
    /// A table that is older is still full of peers that are there.
    static final Duration PEERS_INTERVAL = Duration.ofMinutes(5);

    /// A process that is killed can be shown what is older than what it saw in this time.
    static final Duration SEEN_INTERVAL = Duration.ofSeconds(30);

    /// How long the host's start may wait for what it must not read without, and its end for the
    /// last save.
    private static final Duration MOMENT = Duration.ofMillis(500);

    private final PeriodicSave save;
    private final String threadName;
    private final boolean awaited;

    /// @param what it is and where, for logs: in the plural
    /// @param awaited whether the start waits, for a moment
    private KadPersistence(
            PeriodicSave.Content content,
            String what,
            String threadName,
            Duration interval,
            boolean awaited,
            Timer timer) {
        this.save = new PeriodicSave(content, what, threadName, interval, timer);
        this.threadName = threadName;
        this.awaited = awaited;
    }

    /// Whom the node knows.
    ///
    /// @param known a fresh list
    /// @param loaded told whom the node knew when it ran last
    static KadPersistence ofPeers(
            RoutingTableStorage storage,
            Timer timer,
            Supplier<List<KadPeer>> known,
            Consumer<List<KadPeer>> loaded) {
        return new KadPersistence(
                new Stored<>(
                        storage::load,
                        storage::save,
                        () -> {
                            List<KadPeer> all = known.get();
                            int most = Math.min(RoutingTableStorage.MAX_PEERS, all.size());
                            return all.subList(0, most);
                        },
                        loaded),
                "known peers of the DHT in " + storage,
                "libp2p-kad-table",
                PEERS_INTERVAL,
                /* awaited= */ false,
                timer);
    }

    /// The sequences of records that it was shown.
    ///
    /// @param loaded told what it was shown when it ran last
    static KadPersistence ofSeen(
            SeenSequenceStorage storage,
            Timer timer,
            Supplier<List<SeenSequence>> seen,
            Consumer<List<SeenSequence>> loaded) {
        return new KadPersistence(
                new Stored<>(storage::load, storage::save, seen, loaded),
                "sequences seen in the DHT in " + storage,
                "libp2p-kad-seen",
                SEEN_INTERVAL,
                /* awaited= */ true,
                timer);
    }

    private interface Loading<T> {
        List<T> load() throws IOException;
    }

    private interface Saving<T> {
        void save(List<T> all) throws IOException;
    }

    /// What a node knows and, from the last time, knew.
    private static final class Stored<T> implements PeriodicSave.Content {
        private final Loading<T> loading;
        private final Saving<T> saving;
        private final Supplier<List<T>> known;
        private final Consumer<List<T>> loaded;
        private List<T> saved = List.of();

        private Stored(
                Loading<T> loading,
                Saving<T> saving,
                Supplier<List<T>> known,
                Consumer<List<T>> loaded) {
            this.loading = loading;
            this.saving = saving;
            this.known = known;
            this.loaded = loaded;
        }

        @Override
        public void load() throws IOException {
            loaded.accept(loading.load());
        }

        /// A node that knows nothing was cut off: what it knew stays, and what has expired of that
        /// counts no longer when it is read.
        @Override
        public void saveChanges() throws IOException {
            List<T> now = known.get();
            if (!now.isEmpty() && !now.equals(saved)) {
                saving.save(now);
                saved = now;
            }
        }
    }

    void start() {
        Thread first = onPlatformThread(save::start);
        if (awaited) {
            await(first);
        }
    }

    /// Saves a last time, and waits a moment for that.
    void stop() {
        await(onPlatformThread(save::close));
    }

    private Thread onPlatformThread(Runnable task) {
        return Thread.ofPlatform().daemon(true).name(threadName).start(task);
    }

    private static void await(Thread thread) {
        try {
            thread.join(MOMENT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
