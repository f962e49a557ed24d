package org.tutti.libp2p.internal.peerscore;

import org.tutti.libp2p.peerscore.PeerScoreStorage;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;

/// Reads what is held against peers when a host starts, and saves it while it runs, where it has
/// changed, and when it ends. A process that is killed loses the penalties of one interval.
///
/// Threads: a platform thread for each save, because a disk that is slow would keep the carrier of
/// a virtual one. The lock guards `state` and is held while something is saved, so that saves do
/// not overtake one another.
public final class PeerScorePersistence {
    /// How often what has changed is saved: peers who misbehave without end cause one write of at
    /// most `FilePeerScoreStorage.MAX_LENGTH` bytes in this time.
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(PeerScorePersistence.class.getName());

    private enum State {
        NEW,
        RUNNING,
        /// What is there could not be read, and is not overwritten.
        OFF,
        CLOSED
    }

    private final PeerScores scores;
    private final PeerScoreStorage storage;
    private final Timer timer;
    private State state = State.NEW;
    private long saved;

    public PeerScorePersistence(PeerScores scores, PeerScoreStorage storage, Timer timer) {
        this.scores = scores;
        this.storage = storage;
        this.timer = timer;
    }

    /// Once, when the host starts.
    public synchronized void start() {
        if (state != State.NEW) {
            return;
        }
        try {
            scores.restore(storage.load());
            saved = scores.changes();
            state = State.RUNNING;
            schedule();
        } catch (IOException | RuntimeException e) {
            state = State.OFF;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "peer scores cannot be read and will not be saved: " + storage,
                    e);
        }
    }

    private void schedule() {
        timer.schedule(
                INTERVAL,
                () ->
                        Thread.ofPlatform()
                                .daemon(true)
                                .name("libp2p-peerscore")
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
        long changes = scores.changes();
        if (changes == saved) {
            return;
        }
        try {
            storage.save(scores.stored());
            saved = changes;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "peer scores cannot be saved: " + storage, e);
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
