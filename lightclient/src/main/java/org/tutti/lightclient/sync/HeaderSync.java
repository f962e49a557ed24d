package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderVerdict;
import org.tutti.lightclient.headers.WeighedBranch;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.peers.PeerManager.Fault;
import org.tutti.lightclient.sync.WorkQueue.Job;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Whom headers are asked of: part of [SyncEngine], owned by it.
///
/// Every peer is asked once when it connects: it shows how fast it answers and what it has, and
/// Bitcoin Core announces blocks by their headers only to those who have asked. Of those that have
/// answered **one** is synchronised with: the one with the least against it, then the one that has
/// shown most work, then the fastest. What peers say of their height counts for nothing.
///
/// Its turn ends at the end of its chain. If that has the network's minimum work we are caught up:
/// all others are asked what they have beyond it, whoever has a full message more takes the turn,
/// and from then on all announcements are followed. If it has not, or if the peer falls silent, is
/// slow, or leaves its chain for another twice, that is held against it and another takes the turn:
/// a chain with too little work that it left behind gives way to the next one's. So each peer can
/// hold up a network once for [#LONGEST_TURN] and a millisecond a header, and is then chosen after
/// all others.
final class HeaderSync {
    /// How long a peer may take to bring us to the end of its chain, beside a millisecond for each
    /// header that can be missing; only where another could do it.
    static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private static final Duration PER_HEADER = Duration.ofMillis(1);

    /// How long those that have less against them are waited for before one is chosen.
    private static final Duration LONGEST_CHOICE = Duration.ofSeconds(2);

    /// More blocks than a chain has, so that times far in the past do not make turns endless.
    private static final long MOST_MISSING = 2_000_000;

    private static final long SECONDS_PER_BLOCK = 600;
    private static final Duration UNKNOWN_LATENCY = Duration.ofDays(1);
    private static final Job HEADERS = new Job.Headers();

    private final HeaderChain chain;
    private final PeerManager scores;
    private final WorkQueue queue;
    private final Duration pollHeaders;
    private final Duration headersDeadline;
    private final Consumer<PeerOutput> toPeer;
    private @Nullable Peer syncPeer;
    private Instant turnEnd = Instant.MAX;

    /// Whether this turn has given up headers that another peer had brought.
    private boolean hasAbandoned;

    private boolean isCaughtUp;
    private Instant caughtUpAt = Instant.MIN;

    HeaderSync(
            HeaderChain chain,
            PeerManager scores,
            WorkQueue queue,
            SyncSettings settings,
            Consumer<PeerOutput> toPeer) {
        this.chain = chain;
        this.scores = scores;
        this.queue = queue;
        this.pollHeaders = settings.pollHeaders();
        this.headersDeadline = settings.headersDeadline();
        this.toPeer = toPeer;
    }

    /// The one peer that we catch up with, while we do.
    Optional<Peer> syncPeer() {
        return Optional.ofNullable(syncPeer);
    }

    /// Whether a peer has brought us to the end of a chain with enough work.
    boolean isCaughtUp() {
        return isCaughtUp && chain.hasEnoughWork();
    }

    /// Whether all peers that answer at all have answered since we caught up.
    boolean isVerified(Collection<Peer> peers, Instant now) {
        return isCaughtUp()
                && peers.stream()
                        .allMatch(peer ->
                                !isShowingMore(peer, now)
                                        && (hasAnsweredSince(peer, caughtUpAt)
                                                || hasHadTime(peer, caughtUpAt, now)));
    }

    /// Whether a peer is showing what may outweigh our chain. One that does so for longer than a
    /// turn takes is not waited for any more.
    private static boolean isShowingMore(Peer peer, Instant now) {
        return peer.isShowingMore && now.isBefore(peer.showsUntil);
    }

    private void showsMore(Peer peer, Instant now) {
        peer.isShowingMore = true;
        if (peer.showsUntil.equals(Instant.MAX)) {
            peer.showsUntil = now.plus(longestTurn(now));
        }
    }

    private static boolean hasAnsweredSince(Peer peer, Instant time) {
        return peer.lastAnswer != null && !peer.lastAnswer.isBefore(time);
    }

    private boolean hasHadTime(Peer peer, Instant from, Instant now) {
        Instant since = peer.since.isAfter(from) ? peer.since : from;
        return !now.isBefore(since.plus(headersDeadline));
    }

    /// Whether all have had the time to show that they have our chain since we caught up.
    boolean haveAllHadTime(Instant now) {
        return isCaughtUp() && !now.isBefore(caughtUpAt.plus(headersDeadline));
    }

    /// Whether every peer has had the time to answer, and none has.
    boolean isNobodyAnswering(Collection<Peer> peers, Instant now) {
        return syncPeer == null
                && peers.stream()
                        .allMatch(peer -> !peer.answered && hasHadTime(peer, peer.since, now));
    }

    /// Whether the chains of all peers that answer ended with too little work.
    boolean hasNobodyEnoughWork(Collection<Peer> peers) {
        return !chain.hasEnoughWork()
                && peers.stream().anyMatch(peer -> peer.lacksWork)
                && peers.stream().allMatch(peer -> peer.lacksWork || !peer.answered);
    }

    /// The headers could not be stored: the same is tried again later, and nobody is to blame.
    void pause(Peer peer, Instant now) {
        peer.nextTurn = now.plus(pollHeaders);
        peer.nextPoll = now.plus(pollHeaders);
        if (peer == syncPeer) {
            leave();
        }
    }

    /// Asks what the peer has beyond what we know of it.
    void ask(Peer peer, Instant now) {
        WeighedBranch branch = branch(peer);
        peer.walkedTo = -1;
        if (branch == null) {
            ask(peer, chain.heaviestHeader(), now);
        } else if (branch.outweighs()) {
            HeaderEntry stored = chain.find(branch.lastStored()).orElseThrow();
            askWith(peer, chain.locator(stored), now);
        } else {
            List<BlockHash> locator = new ArrayList<>(List.of(branch.last()));
            locator.addAll(chain.locator(chain.heaviestHeader()));
            askWith(peer, locator, now);
        }
    }

    /// The branch that is weighed of a peer, unless our chain has changed so that it no longer says
    /// anything.
    private @Nullable WeighedBranch branch(Peer peer) {
        WeighedBranch branch = peer.branch;
        if (branch != null
                && (chain.find(branch.lastStored()).isEmpty()
                        || chain.find(branch.last()).isPresent())) {
            peer.branch = null;
        }
        return peer.branch;
    }

    /// Asks for what follows `from`. The locator starts one below, so that a peer on the same chain
    /// answers with at least one header and so shows us where it stands.
    void ask(Peer peer, HeaderEntry from, Instant now) {
        HeaderEntry below = from.height() == chain.startHeight() ? from : chain.parent(from);
        askWith(peer, chain.locator(below), now);
    }

    private void askWith(Peer peer, List<BlockHash> locator, Instant now) {
        toPeer.accept(new Send(peer.id, new GetHeaders(locator, BlockHash.ZERO)));
        peer.headersAsked = now;
        peer.heaviestWhenAsked = chain.heaviestHeader().height();
        peer.answerOwed = true;
        peer.hasNews = false;
        peer.nextPoll = now.plus(pollHeaders);
        if (peer == syncPeer) {
            queue.ask(HEADERS, peer, now);
        }
    }

    /// Takes note that the answer to a question for headers is here, before it is looked at: it may
    /// be the first of a peer that we now synchronise with.
    void answered(Peer peer, Collection<Peer> peers, Instant now) {
        Instant asked = peer.headersAsked;
        if (asked == null) {
            return;
        }
        peer.isShowingMore = false;
        peer.latency = Duration.between(asked, now);
        peer.answered = true;
        peer.lastAnswer = now;
        if (syncPeer == null && !isCaughtUp()) {
            choose(peers, now).filter(best -> best == peer).ifPresent(best -> begin(best, now));
        }
    }

    private void begin(Peer peer, Instant now) {
        syncPeer = peer;
        isCaughtUp = false;
        hasAbandoned = false;
        turnEnd = now.plus(longestTurn(now));
        if (peer.headersAsked != null) {
            queue.ask(HEADERS, peer, now);
        }
    }

    private Duration longestTurn(Instant now) {
        return LONGEST_TURN.plus(PER_HEADER.multipliedBy(missing(now)));
    }

    /// How many headers a chain can have beyond ours, by the clock.
    private long missing(Instant now) {
        long age = now.getEpochSecond() - chain.tip().header().time();
        return Math.clamp(age / SECONDS_PER_BLOCK, 0, MOST_MISSING);
    }

    /// The peer to synchronise with, or nothing while better ones may still answer.
    private Optional<Peer> choose(Collection<Peer> peers, Instant now) {
        Optional<Peer> best =
                peers.stream()
                        .filter(peer -> peer.answered && !now.isBefore(peer.nextTurn))
                        .min(
                                Comparator.comparingInt(this::penalty)
                                        .thenComparing(this::shownWork, Comparator.reverseOrder())
                                        .thenComparing(HeaderSync::latency)
                                        .thenComparingLong(peer -> peer.id));
        return best.filter(
                peer -> peers.stream().noneMatch(other -> mayBeBetter(other, peer, now)));
    }

    private boolean mayBeBetter(Peer other, Peer best, Instant now) {
        return !other.answered
                && penalty(other) < penalty(best)
                && other.headersAsked != null
                && now.isBefore(other.headersAsked.plus(LONGEST_CHOICE));
    }

    private int penalty(Peer peer) {
        return scores.penalty(peer.name);
    }

    private BigInteger shownWork(Peer peer) {
        return peer.best(chain).map(HeaderEntry::chainWork).orElse(BigInteger.ZERO);
    }

    private static Duration latency(Peer peer) {
        return peer.latency == null ? UNKNOWN_LATENCY : peer.latency;
    }

    /// Headers of the one sync peer are followed while our chain has too little work to say
    /// anything, and where they lead elsewhere than what another peer had brought they replace it,
    /// once in a turn: two of those are not kept. A branch that has too little work so far is
    /// weighed.
    HeaderVerdict accept(Peer peer, HeaderBatch headers, Instant now) {
        boolean isSyncPeer = peer == syncPeer;
        HeaderSource source =
                isSyncPeer
                        ? new HeaderSource.SyncPeer(peer.id)
                        : new HeaderSource.OtherPeer(peer.id);
        WeighedBranch branch = branch(peer);
        if (branch != null && chain.isPartOf(branch, headers)) {
            HeaderVerdict verdict = chain.accept(branch, source, headers, now);
            peer.branch = branch.isStored() ? null : branch;
            return verdict;
        }
        HeaderVerdict verdict = chain.accept(source, headers, now);
        if (verdict instanceof HeaderVerdict.LowWork lowWork) {
            HeaderEntry fork = lowWork.fork();
            if (!chain.hasEnoughWork() && chain.mayAbandonAfter(fork)) {
                return isSyncPeer && !hasAbandoned ? replace(fork, source, headers, now) : verdict;
            }
            WeighedBranch begun = chain.branchAt(fork);
            peer.branch = begun;
            return chain.accept(begun, source, headers, now);
        }
        return verdict;
    }

    private HeaderVerdict replace(
            HeaderEntry fork, HeaderSource source, HeaderBatch headers, Instant now) {
        hasAbandoned = true;
        chain.abandonAfter(fork);
        return chain.accept(source, headers, now);
    }

    /// Goes on after headers of a peer were taken.
    ///
    /// @param isFull whether there may be more
    /// @param asked whether they are the answer to a question
    void accepted(
            Peer peer,
            HeaderVerdict.Accepted accepted,
            boolean isFull,
            boolean asked,
            Collection<Peer> peers,
            Instant now) {
        if (peer.branch != null || isFull) {
            boolean isNew = accepted.added() > 0;
            int height = accepted.last().height();
            boolean isFurther = height > peer.knownUpTo;
            if (isNew && syncPeer == null) {
                begin(peer, now); // It is ahead of the one that we caught up with.
            }
            if (peer.branch != null) {
                ask(peer, now);
                showsMore(peer, now);
            } else if (isNew || peer == syncPeer || leadsFurther(peer, height)) {
                ask(peer, accepted.last(), now);
                showsMore(peer, now);
            }
            peer.walkedTo = height;
            peer.knownUpTo = Math.max(peer.knownUpTo, height);
            // Who tells us nothing new again and again pays for it.
            peer.answerOwed = isNew || isFurther;
        } else if (peer.hasNews) {
            ask(peer, accepted.last(), now);
            peer.answerOwed = accepted.added() > 0;
        } else if (asked) {
            ended(peer, peers, now);
        }
    }

    /// Of a fork far below our tip a peer shows first what it shares with us: more than a message
    /// of it, since the hashes of a locator are far apart there. It is asked on, unless we asked
    /// when we had much less.
    private boolean leadsFurther(Peer peer, int height) {
        int grown = chain.heaviestHeader().height() - peer.heaviestWhenAsked;
        return grown < HeaderChain.MAX_BATCH && height > peer.walkedTo;
    }

    /// Goes on after headers of a branch were weighed: with its next ones, or from its beginning
    /// once it is to be stored.
    void weighed(
            Peer peer,
            HeaderVerdict.Weighed weighed,
            boolean isFull,
            boolean asked,
            Collection<Peer> peers,
            Instant now) {
        boolean isFurther = weighed.headers() > peer.mostWeighed;
        peer.mostWeighed = Math.max(peer.mostWeighed, weighed.headers());
        if (isFull || weighed.outweighs() || peer.hasNews) {
            ask(peer, now);
            showsMore(peer, now);
            peer.answerOwed = isFurther;
        } else if (asked) {
            ended(peer, peers, now);
        }
    }

    /// The peer has no more headers for us.
    void ended(Peer peer, Collection<Peer> peers, Instant now) {
        if (peer != syncPeer) {
            return;
        }
        if (!chain.hasEnoughWork()) {
            peer.lacksWork = true;
            fail(peer, Fault.LOW_WORK, peers, now);
            return;
        }
        if (peer.best(chain).filter(chain.heaviestHeader()::equals).isPresent()) {
            scores.reward(peer.name);
        }
        leave();
        isCaughtUp = true;
        caughtUpAt = now;
        // What the others have beyond it.
        peers.stream()
                .filter(other -> other != peer && other.headersAsked == null)
                .forEach(other -> ask(other, now));
    }

    private void leave() {
        syncPeer = null;
        queue.cancel(HEADERS);
    }

    /// The turn of the sync peer has failed, and another takes it.
    void fail(Peer peer, Fault fault, Collection<Peer> peers, Instant now) {
        if (peer != syncPeer) {
            return; // What it showed was not asked for as the chain to follow.
        }
        scores.penalise(peer.name, fault);
        peer.nextTurn = now.plus(pollHeaders);
        leave();
        chooseAndAsk(peers, now);
    }

    private void chooseAndAsk(Collection<Peer> peers, Instant now) {
        choose(peers, now)
                .ifPresent(next -> {
                    begin(next, now);
                    ask(next, now);
                });
    }

    void gone(Peer peer, Collection<Peer> peers, Instant now) {
        queue.forget(peer);
        if (peer == syncPeer) {
            leave();
            chooseAndAsk(peers, now);
        }
    }

    void tick(Collection<Peer> peers, Instant now) {
        Peer sync = syncPeer;
        if (sync != null) {
            if (queue.isOverdue(HEADERS, now)) {
                sync.answered = false;
                fail(sync, Fault.SILENT, peers, now);
            } else if (!now.isBefore(turnEnd) && hasOther(sync, peers, now)) {
                fail(sync, Fault.SLOW, peers, now);
            }
        } else if (!isCaughtUp()) {
            chooseAndAsk(peers, now);
        }
        for (Peer peer : peers) {
            boolean isPolled = isCaughtUp() || !peer.answered;
            if (isPolled && peer != syncPeer && isPollDue(peer, now)) {
                ask(peer, now);
            }
        }
    }

    /// A slow peer gets the time to answer: two questions at once would get answers of which nobody
    /// knows which is whose.
    private boolean isPollDue(Peer peer, Instant now) {
        Instant asked = peer.headersAsked;
        return !now.isBefore(peer.nextPoll)
                && (asked == null || !now.isBefore(asked.plus(headersDeadline)));
    }

    private boolean hasOther(Peer sync, Collection<Peer> peers, Instant now) {
        return peers.stream()
                .anyMatch(peer -> peer != sync && peer.answered && !now.isBefore(peer.nextTurn));
    }
}
