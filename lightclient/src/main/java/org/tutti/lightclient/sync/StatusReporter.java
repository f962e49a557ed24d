package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.sync.SyncStatus.Obstacle;
import org.tutti.lightclient.sync.SyncStatus.Phase;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Says how far the engine is and what holds it back, and when that is worth an event. Owned by the
/// engine.
final class StatusReporter {
    /// Time between two events while we catch up.
    static final Duration INTERVAL = Duration.ofSeconds(1);

    /// From this on a difference of clocks is told. From two hours on headers are refused.
    static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(10);

    /// Over how many intervals speed is measured.
    private static final int SAMPLES = 10;

    private static final long SECONDS_PER_BLOCK = 600;

    private record Sample(Instant at, int headers, int blocks) {}

    private final HeaderChain chain;
    private final BlockSync blockSync;
    private final HeaderSync headerSync;
    private final PeerManager endpoints;
    private final SyncSettings settings;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long bytes;
    private long stored;

    private @Nullable String diskFull;

    /// The last block told when it was seen first that more are needed, and when that was.
    private @Nullable HeaderEntry behindAt;

    private Instant behindSince = Instant.MAX;

    private Instant lastTold = Instant.MIN;
    private Phase toldPhase = Phase.CONNECTING;
    private Set<Obstacle.Code> toldObstacles = Set.of();

    StatusReporter(
            HeaderChain chain,
            BlockSync blockSync,
            HeaderSync headerSync,
            PeerManager endpoints,
            SyncSettings settings) {
        this.chain = chain;
        this.blockSync = blockSync;
        this.headerSync = headerSync;
        this.endpoints = endpoints;
        this.settings = settings;
    }

    void read(long more) {
        bytes += more;
    }

    static String futureHeader(int height, Instant now) {
        return "the header of height %d is more than %d hours ahead of our clock, %s"
                .formatted(height, HeaderChain.MAX_FUTURE.toHours(), now);
    }

    void diskFull(String detail) {
        diskFull = detail;
    }

    /// Headers were stored.
    void stored(int more) {
        stored += more;
        diskFull = null;
    }

    /// The event that is due now, if one is.
    Optional<ChainEvent> due(Collection<Peer> peers, Instant now) {
        sample(now);
        SyncStatus status = status(peers, now);
        Set<Obstacle.Code> obstacles =
                status.obstacles().stream().map(Obstacle::code).collect(Collectors.toSet());
        boolean changed = status.phase() != toldPhase || !obstacles.equals(toldObstacles);
        boolean catchesUp = status.phase() == Phase.HEADERS || status.phase() == Phase.BLOCKS;
        boolean isTime = lastTold.equals(Instant.MIN) || !now.isBefore(lastTold.plus(INTERVAL));
        // What changes and changes back within a second is one event.
        if (!isTime || !(changed || catchesUp)) {
            return Optional.empty();
        }
        lastTold = now;
        toldPhase = status.phase();
        toldObstacles = obstacles;
        return Optional.of(new ChainEvent.Status(status));
    }

    private void sample(Instant now) {
        HeaderEntry at = blockSync.activeTip();
        if (at.equals(chain.tip()) || !chain.hasEnoughWork()) {
            behindAt = null;
        } else if (!at.equals(behindAt)) {
            behindAt = at;
            behindSince = now;
        }
        Sample last = samples.peekLast();
        if (last == null || !now.isBefore(last.at().plus(INTERVAL))) {
            samples.addLast(new Sample(now, chain.tip().height(), blockSync.activeTip().height()));
            if (samples.size() > SAMPLES) {
                samples.removeFirst();
            }
        }
    }

    SyncStatus status(Collection<Peer> peers, Instant now) {
        HeaderEntry tip = chain.tip();
        int blockHeight = blockSync.activeTip().height();
        int agreeing = (int) peers.stream().filter(peer -> agrees(peer, tip)).count();
        boolean verified = agreeing > 0 && headerSync.isVerified(peers, now);
        Phase phase = phase(peers, tip);
        Instant tipTime = Instant.ofEpochSecond(tip.header().time());
        List<Obstacle> obstacles = obstacles(peers, now);
        boolean isFresh =
                phase == Phase.FOLLOWING
                        && verified
                        && !now.isAfter(tipTime.plus(settings.maxTipAge()))
                        && obstacles.stream()
                                .allMatch(o -> o.code() == Obstacle.Code.CLOCK_DIFFERS);
        return new SyncStatus(
                now,
                phase,
                tip.height(),
                tip.hash(),
                tipTime,
                tip.chainWork(),
                blockHeight,
                agreeing,
                verified,
                isFresh,
                obstacles,
                progress(phase, tip, blockHeight, now),
                peerInfos(peers, tip));
    }

    private Phase phase(Collection<Peer> peers, HeaderEntry tip) {
        if (peers.isEmpty()) {
            return Phase.CONNECTING;
        }
        if (!headerSync.isCaughtUp()) {
            return Phase.HEADERS;
        }
        return blockSync.activeTip().equals(tip) ? Phase.FOLLOWING : Phase.BLOCKS;
    }

    private boolean agrees(Peer peer, HeaderEntry tip) {
        Optional<HeaderEntry> best = peer.best(chain);
        return best.isPresent()
                && (best.get().equals(tip)
                        || (best.get().height() == tip.height() - 1
                                && chain.isOnBestChain(best.get())));
    }

    private List<Obstacle> obstacles(Collection<Peer> peers, Instant now) {
        List<Obstacle> found = new ArrayList<>();
        if (peers.isEmpty()) {
            // Before the first attempt has ended nothing is wrong yet.
            lastEnds().ifPresent(ends -> found.add(new Obstacle(Obstacle.Code.NO_PEER, ends)));
        } else if (headerSync.isNobodyAnswering(peers, now)) {
            found.add(
                    new Obstacle(
                            Obstacle.Code.PEERS_SILENT,
                            "no peer answers when it is asked for headers: a node does not while it is"
                                    + " catching up itself"));
        } else if (headerSync.hasNobodyEnoughWork(peers)) {
            found.add(
                    new Obstacle(
                            Obstacle.Code.NO_MINIMUM_WORK,
                            "no peer has shown a chain with the work that "
                                    + chain.network().name()
                                    + " has at least"));
        }
        if (isAlone(peers, now)) {
            found.add(new Obstacle(Obstacle.Code.NOBODY_AGREES, alone()));
        }
        futureHeader(peers)
                .ifPresent(detail -> found.add(new Obstacle(Obstacle.Code.FUTURE_HEADER, detail)));
        clockDifference(peers).ifPresent(found::add);
        if (diskFull != null) {
            found.add(new Obstacle(Obstacle.Code.DISK_FULL, diskFull));
        }
        if (isMissingBlocks(peers, now)) {
            found.add(
                    new Obstacle(
                            Obstacle.Code.BLOCKS_MISSING,
                            "nobody delivers the block that follows height "
                                    + blockSync.activeTip().height()));
        }
        return found;
    }

    private boolean isAlone(Collection<Peer> peers, Instant now) {
        return peers.stream().anyMatch(peer -> peer.answered)
                && peers.stream().noneMatch(peer -> agrees(peer, chain.tip()))
                && headerSync.haveAllHadTime(now);
    }

    private String alone() {
        String detail =
                "no connected peer has the end of our chain, height " + chain.tip().height();
        boolean isRegtest = chain.network().id().equals(Network.REGTEST.id());
        return isRegtest
                ? detail
                        + ": if the peer's chain was made anew, stop this and delete the folder"
                        + " chain in the data folder"
                : detail;
    }

    /// One peer may make such a header where work is cheap; most of those that answer may not.
    private static Optional<String> futureHeader(Collection<Peer> peers) {
        List<String> ahead =
                peers.stream()
                        .flatMap(peer -> Optional.ofNullable(peer.futureHeader).stream())
                        .toList();
        long answering = peers.stream().filter(peer -> peer.answered).count();
        return 2L * ahead.size() > answering ? ahead.stream().findFirst() : Optional.empty();
    }

    private Optional<String> lastEnds() {
        String ends =
                endpoints.endpoints().stream()
                        .filter(endpoint -> endpoint.last().isPresent())
                        .map(endpoint -> endpoint.address() + ", " + endpoint.last().get())
                        .collect(Collectors.joining("; "));
        return ends.isEmpty() ? Optional.empty() : Optional.of("no peer is connected: " + ends);
    }

    private Optional<Obstacle> clockDifference(Collection<Peer> peers) {
        List<Duration> sorted =
                peers.stream()
                        .flatMap(peer -> Optional.ofNullable(peer.clockAhead).stream())
                        .sorted()
                        .toList();
        if (sorted.isEmpty()) {
            return Optional.empty();
        }
        Duration median = sorted.get((sorted.size() - 1) / 2);
        if (median.abs().compareTo(CLOCK_TOLERANCE) < 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Obstacle(
                        Obstacle.Code.CLOCK_DIFFERS,
                        "our clock is %d minutes %s most peers'"
                                .formatted(
                                        median.abs().toMinutes(),
                                        median.isNegative() ? "ahead of" : "behind")));
    }

    /// Whether we have stood on one block for too long although there are headers above it.
    private boolean isMissingBlocks(Collection<Peer> peers, Instant now) {
        return behindAt != null
                && !peers.isEmpty()
                && !now.isBefore(behindSince.plus(settings.blockDeadline()));
    }

    private SyncStatus.Progress progress(
            Phase phase, HeaderEntry tip, int blockHeight, Instant now) {
        Sample first = samples.peekFirst();
        double seconds = first == null ? 0 : Duration.between(first.at(), now).toMillis() / 1e3;
        double headers = 0;
        double blocks = 0;
        if (first != null && seconds > 0) {
            headers = Math.max(0, (tip.height() - first.headers()) / seconds);
            blocks = Math.max(0, (blockHeight - first.blocks()) / seconds);
        }
        Optional<Duration> left =
                switch (phase) {
                    case CONNECTING -> Optional.empty();
                    case FOLLOWING -> Optional.of(Duration.ZERO);
                    case HEADERS ->
                            left(
                                    (now.getEpochSecond() - tip.header().time())
                                            / SECONDS_PER_BLOCK,
                                    headers);
                    case BLOCKS -> left(tip.height() - blockHeight, blocks);
                };
        return new SyncStatus.Progress(headers, blocks, bytes, stored, left);
    }

    private static Optional<Duration> left(long missing, double perSecond) {
        return perSecond < 1e-3
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds((long) (Math.max(0, missing) / perSecond)));
    }

    private List<SyncStatus.PeerInfo> peerInfos(Collection<Peer> peers, HeaderEntry tip) {
        Map<String, Peer> connected = new HashMap<>();
        peers.forEach(peer -> connected.put(peer.name, peer));
        List<SyncStatus.PeerInfo> infos = new ArrayList<>();
        for (PeerManager.EndpointStatus endpoint : endpoints.endpoints()) {
            String name = endpoint.address().toString();
            Peer peer = connected.get(name);
            infos.add(
                    new SyncStatus.PeerInfo(
                            name,
                            endpoint.state(),
                            peer == null ? "" : peer.userAgent,
                            peer == null
                                    ? -1
                                    : peer.best(chain).map(HeaderEntry::height).orElse(-1),
                            peer != null && agrees(peer, tip),
                            peer != null && headerSync.syncPeer().equals(Optional.of(peer)),
                            endpoint.penalty(),
                            endpoint.last().map(Object::toString)));
        }
        return infos;
    }
}
