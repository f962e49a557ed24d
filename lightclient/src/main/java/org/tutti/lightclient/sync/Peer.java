package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;

import java.time.Instant;
import java.util.Optional;

/// What the engine remembers of one connected peer. Mutable, owned by the engine.
final class Peer {
    final long id;
    final String name;
    final RateLimiter rateLimiter;

    /// The header of most work that the peer has shown us: it can serve this block and those under
    /// it.
    @Nullable HeaderEntry best;

    /// When headers were last asked for; null when the question is answered.
    @Nullable Instant headersAsked;

    /// Whether the last question for headers has its answer yet to come: that one message is not
    /// held against the peer's rate limit.
    boolean answerOwed;

    /// When headers are asked for again if nothing else causes it earlier.
    Instant nextPoll;

    /// Whether the peer announced a block that we do not know.
    boolean hasNews;

    int unconnected;
    int unrequestedBlocks;
    int unrequestedTransactions;
    int blocksInFlight;
    Instant lastHeard;
    @Nullable Instant pingSent;

    /// What it can serve as far as we know, while we know that header.
    Optional<HeaderEntry> best(HeaderChain chain) {
        return Optional.ofNullable(best).filter(entry -> chain.find(entry.hash()).isPresent());
    }

    Peer(long id, String name, Instant now) {
        this.id = id;
        this.name = name;
        this.rateLimiter = new RateLimiter(now);
        this.nextPoll = now;
        this.lastHeard = now;
    }
}
