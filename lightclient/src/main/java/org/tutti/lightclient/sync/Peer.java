package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.peers.TrafficBudget;

import java.time.Instant;

/// What the engine remembers of one connected peer. Mutable, owned by the engine.
final class Peer {
    final long id;
    final String name;
    final TrafficBudget budget;

    /// The header of most work that the peer has shown us: it can serve this block and those under
    /// it.
    @Nullable HeaderEntry best;

    /// When headers were last asked for; null when the question is answered.
    @Nullable Instant headersAsked;

    /// When the next question is due without any other cause.
    Instant nextPoll;

    /// Whether the peer announced a block that we do not know.
    boolean hasNews;

    int unconnected;
    int unrequestedBlocks;
    int blocksInFlight;
    Instant lastHeard;
    @Nullable Instant pingSent;

    Peer(long id, String name, Instant now) {
        this.id = id;
        this.name = name;
        this.budget = new TrafficBudget(now);
        this.nextPoll = now;
        this.lastHeard = now;
    }
}
