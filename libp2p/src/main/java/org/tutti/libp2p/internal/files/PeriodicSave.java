package org.tutti.libp2p.internal.files;

import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;

/// Reads something when a host starts, and saves it while the host runs, where it has changed, and
/// when it ends. A process that is killed loses what changed in one interval. What cannot be read
/// is not overwritten.
///
/// Threads: a platform thread for each save, because a disk that is slow would keep the carrier of
/// a virtual one. The lock guards `state` and is held while the content is read or saved, so that
/// no access overtakes another.
public final class PeriodicSave {
    private static final System.Logger LOG = System.getLogger(PeriodicSave.class.getName());

    /// What is read and saved. Called by one thread at a time.
    public interface Content {
        /// Takes over what is stored.
        void load() throws IOException;

        /// Stores what is known now, unless that is what was stored or read last.
        void saveChanges() throws IOException;
    }

    private enum State {
        NEW,
        RUNNING,
        /// What is there could not be read.
        OFF,
        CLOSED
    }

    private final Content content;
    private final String what;
    private final String threadName;
    private final Duration interval;
    private final Timer timer;
    private State state = State.NEW;

    /// @param what it is and where, for logs: in the plural, as "known peers"
    /// @param threadName of each save
    /// @param interval between saves
    public PeriodicSave(
            Content content, String what, String threadName, Duration interval, Timer timer) {
        this.content = content;
        this.what = what;
        this.threadName = threadName;
        this.interval = interval;
        this.timer = timer;
    }

    /// Reads, and begins to save. Once.
    public synchronized void start() {
        if (state != State.NEW) {
            return;
        }
        try {
            content.load();
            state = State.RUNNING;
            schedule();
        } catch (IOException | RuntimeException e) {
            state = State.OFF;
            LOG.log(System.Logger.Level.WARNING, what + " cannot be read and will not be saved", e);
        }
    }

    private void schedule() {
        timer.schedule(
                interval,
                () -> Thread.ofPlatform().daemon(true).name(threadName).start(this::saveAndGoOn));
    }

    private synchronized void saveAndGoOn() {
        if (state == State.RUNNING) {
            save();
            schedule();
        }
    }

    /// With the lock held.
    private void save() {
        try {
            content.saveChanges();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, what + " cannot be saved", e);
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
