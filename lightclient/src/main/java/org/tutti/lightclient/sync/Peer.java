package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.WeighedBranch;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What the engine remembers of one connected peer. Mutable, owned by the engine.
final class Peer {
    final long id;
    final String name;
    final String userAgent;

    /// How far its clock was ahead of ours when it connected; null where it said nothing.
    final @Nullable Duration clockAhead;

    /// When its handshake was done.
    final Instant since;

    final RateLimiter rateLimiter;

    /// The header of most work that the peer has shown us: it can serve this block and those under
    /// it.
    @Nullable HeaderEntry best;

    /// When headers were last asked for; null when the question is answered.
    @Nullable Instant headersAsked;

    /// How long the last answer with headers took; null before the first.
    @Nullable Duration latency;

    /// Whether the last question for headers has its answer yet to come: that one message is not
    /// held against the peer's rate limit.
    boolean answerOwed;

    /// Whether it answers questions for headers.
    boolean answered;

    /// When it answered one last.
    @Nullable Instant lastAnswer;

    /// Whether its chain ended with too little work.
    boolean lacksWork;

    /// When headers are asked for again if nothing else causes it earlier.
    Instant nextPoll;

    /// Before this it is not synchronised with again: its last turn failed.
    Instant nextTurn;

    /// The branch that it shows and that has too little work to be kept so far; null where there is
    /// none.
    @Nullable WeighedBranch branch;

    /// Most headers that it had weighed on one branch.
    int mostWeighed;

    /// How far up our chain it ever came with answers of known headers alone, and with those to the
    /// last questions.
    int knownUpTo = -1;

    int walkedTo = -1;

    /// Whether it was asked on because what it showed may be the beginning of a better chain, and
    /// until when that is waited for; the far future before the first time.
    boolean isShowingMore;

    Instant showsUntil = Instant.MAX;

    /// The height of our chain when headers were last asked for.
    int heaviestWhenAsked;

    /// Whether the peer announced a block that we do not know.
    boolean hasNews;

    /// The block that it announced, because of which it was asked; null where it was not.
    @Nullable BlockHash promised;

    /// The header ahead of our clock that its chain stops at; null where it does not.
    @Nullable String futureHeader;

    /// How often it announced a block that its headers then did not show.
    int brokenPromises;

    int unconnected;
    int unrequestedBlocks;
    int unrequestedTransactions;

    /// When it last delivered a block that it was asked for.
    Instant lastBlock;

    Instant lastHeard;
    @Nullable Instant pingSent;

    Peer(long id, String name, String userAgent, @Nullable Duration clockAhead, Instant now) {
        this.id = id;
        this.name = name;
        this.userAgent = userAgent;
        this.clockAhead = clockAhead;
        this.since = now;
        this.rateLimiter = new RateLimiter(now);
        this.nextPoll = now;
        this.nextTurn = now;
        this.lastBlock = now;
        this.lastHeard = now;
    }

    /// What it can serve as far as we know, while we know that header.
    Optional<HeaderEntry> best(HeaderChain chain) {
        return Optional.ofNullable(best).filter(entry -> chain.find(entry.hash()).isPresent());
    }

    /// The peer has this header.
    void has(HeaderEntry entry) {
        if (best == null || entry.chainWork().compareTo(best.chainWork()) >= 0) {
            best = entry;
        }
    }
}
