package org.tutti.libp2p.internal.peerscore;

import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.peerscore.PeerScoreStorage;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;

/// What is held against peers, from one run of a host to the next.
public final class PeerScorePersistence implements PeriodicSave.Content {
    /// How often what has changed is saved: peers who misbehave without end cause one write of at
    /// most `FilePeerScoreStorage.MAX_LENGTH` bytes in this time.
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private final PeerScores scores;
    private final PeerScoreStorage storage;
    private long saved;

    private PeerScorePersistence(PeerScores scores, PeerScoreStorage storage) {
        this.scores = scores;
        this.storage = storage;
    }

    /// Not yet started.
    public static PeriodicSave of(PeerScores scores, PeerScoreStorage storage, Timer timer) {
        return new PeriodicSave(
                new PeerScorePersistence(scores, storage),
                "peer scores in " + storage,
                "libp2p-peerscore",
                INTERVAL,
                timer);
    }

    @Override
    public void load() throws IOException {
        scores.restore(storage.load());
        saved = scores.changes();
    }

    @Override
    public void saveChanges() throws IOException {
        long changes = scores.changes();
        if (changes != saved) {
            storage.save(scores.stored());
            saved = changes;
        }
    }
}
