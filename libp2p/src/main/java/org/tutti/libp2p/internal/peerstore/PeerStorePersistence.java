package org.tutti.libp2p.internal.peerstore;

import org.tutti.libp2p.peerstore.PeerStorage;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;

/// Reads what is known of peers when a host starts, and saves it while it runs, where it has
/// changed, and when it ends.
///
/// Threads: a platform thread for each save, because a disk that is slow would keep the carrier of
/// a virtual one. The lock guards `state` and is held while something is saved, so that saves do
/// not overtake one another.
public final class PeerStorePersistence {
    /// How often what has changed is saved.
    static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final System.Logger LOG = System.getLogger(PeerStorePersistence.class.getName());

    private enum State {
        NEW,
        RUNNING,
        /// What is there could not be read, and is not overwritten.
        OFF,
        CLOSED
    }

    private final PeerStore store;
    private final PeerStorage storage;
    private final InstantSource clock;
    private final Timer timer;
    private State state = State.NEW;
    private long saved;

    public PeerStorePersistence(
            PeerStore store, PeerStorage storage, InstantSource clock, Timer timer) {
        this.store = store;
        this.storage = storage;
        this.clock = clock;
        this.timer = timer;
    }

    /// Once, when the host starts.
    public synchronized void start() {
        if (state != State.NEW) {
            return;
        }
        try {
            store.restore(storage.load(), clock.instant());
            saved = store.changes();
            state = State.RUNNING;
            schedule();
        } catch (IOException | RuntimeException e) {
            state = State.OFF;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "known peers cannot be read and will not be saved: " + storage,
                    e);
        }
    }

    private void schedule() {
        timer.schedule(
                INTERVAL,
                () ->
                        Thread.ofPlatform()
                                .daemon(true)
                                .name("libp2p-peerstore")
                                .start(this::saveAndGoOn));
    }

    private synchronized void saveAndGoOn() {
        if (state == State.RUNNING) {
            save();
            schedule();
        }
    }

    /// With the lock held.
    private void save() {
        long changes = store.changes();
        if (changes == saved) {
            return;
        }
        try {
            storage.save(store.stored(clock.instant()));
            saved = changes;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "known peers cannot be saved: " + storage, e);
        }
    }

    /// Saves a last time. Idempotent.
    public synchronized void close() {
        if (state == State.RUNNING) {
            save();
        }
        state = State.CLOSED;
    }
}
