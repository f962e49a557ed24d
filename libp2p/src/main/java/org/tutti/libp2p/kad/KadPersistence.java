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

    /// @param awaited whether the start waits, for a moment
    private KadPersistence(PeriodicSave save, String threadName, boolean awaited) {
        this.save = save;
        this.threadName = threadName;
        this.awaited = awaited;
    }

    /// Whom the node knows.
    ///
    /// @param loaded told whom the node knew when it ran last
    static KadPersistence ofPeers(
            RoutingTableStorage storage,
            Timer timer,
            Supplier<List<KadPeer>> known,
            Consumer<List<KadPeer>> loaded) {
        String threadName = "libp2p-kad-table";
        return new KadPersistence(
                new PeriodicSave(
                        new Peers(storage, known, loaded),
                        "known peers of the DHT in " + storage,
                        threadName,
                        PEERS_INTERVAL,
                        timer),
                threadName,
                /* awaited= */ false);
    }

    /// The sequences of records that it was shown.
    ///
    /// @param loaded told what it was shown when it ran last
    static KadPersistence ofSeen(
            SeenSequenceStorage storage,
            Timer timer,
            Supplier<List<SeenSequence>> seen,
            Consumer<List<SeenSequence>> loaded) {
        String threadName = "libp2p-kad-seen";
        return new KadPersistence(
                new PeriodicSave(
                        new Seen(storage, seen, loaded),
                        "sequences seen in the DHT in " + storage,
                        threadName,
                        SEEN_INTERVAL,
                        timer),
                threadName,
                /* awaited= */ true);
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

    private static final class Seen implements PeriodicSave.Content {
        private final SeenSequenceStorage storage;
        private final Supplier<List<SeenSequence>> seen;
        private final Consumer<List<SeenSequence>> loaded;
        private List<SeenSequence> saved = List.of();

        private Seen(
                SeenSequenceStorage storage,
                Supplier<List<SeenSequence>> seen,
                Consumer<List<SeenSequence>> loaded) {
            this.storage = storage;
            this.seen = seen;
            this.loaded = loaded;
        }

        @Override
        public void load() throws IOException {
            loaded.accept(storage.load());
        }

        @Override
        public void saveChanges() throws IOException {
            List<SeenSequence> now = seen.get();
            if (!now.equals(saved)) {
                storage.save(now);
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
