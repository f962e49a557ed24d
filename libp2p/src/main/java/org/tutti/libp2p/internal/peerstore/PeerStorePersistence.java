package org.tutti.libp2p.internal.peerstore;

import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.peerstore.PeerStorage;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;

/// What is known of peers, from one run of a host to the next.
public final class PeerStorePersistence implements PeriodicSave.Content {
    /// How often what has changed is saved.
    static final Duration INTERVAL = Duration.ofMinutes(1);

    private final PeerStore store;
    private final PeerStorage storage;
    private final InstantSource clock;
    private long saved;

    private PeerStorePersistence(PeerStore store, PeerStorage storage, InstantSource clock) {
        this.store = store;
        this.storage = storage;
        this.clock = clock;
    }

    /// Not yet started.
    public static PeriodicSave of(
            PeerStore store, PeerStorage storage, InstantSource clock, Timer timer) {
        return new PeriodicSave(
                new PeerStorePersistence(store, storage, clock),
                "known peers in " + storage,
                "libp2p-peerstore",
                INTERVAL,
                timer);
    }

    @Override
    public void load() throws IOException {
        store.restore(storage.load(), clock.instant());
        saved = store.changes();
    }

    @Override
    public void saveChanges() throws IOException {
        long changes = store.changes();
        if (changes != saved) {
            storage.save(store.stored(clock.instant()));
            saved = changes;
        }
    }
}
