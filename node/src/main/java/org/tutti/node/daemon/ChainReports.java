package org.tutti.node.daemon;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Passes on what the light client tells to coins and payments, and translates the rest, tip and
/// peers, into the node's events.
///
/// Runs on the light client's listener thread, one call at a time; `tip` is read by the control
/// socket's threads.
final class ChainReports implements ChainListener {
    /// The chain's end.
    record Tip(int height, String hash) {}

    private final ChainListener payments;
    private final EventSink events;
    private final Consumer<Throwable> onDefect;

    /// Time between two events of one kind while the node catches up.
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final InstantSource clock;

    /// Written by the light client's thread alone, read by others.
    private volatile Tip tip = new Tip(-1, "");

    /// The height of the best chain of headers.
    private int headers = -1;

    private Instant tipToldAt = Instant.MIN;
    private List<SyncStatus.Obstacle.Code> obstacles = List.of();

    /// Whether the node was catching up when its status was told last.
    private boolean wasCatchingUp;

    /// @param payments told first
    /// @param onDefect what to do when the chain is no longer followed
    ChainReports(
            ChainListener payments,
            EventSink events,
            Consumer<Throwable> onDefect,
            InstantSource clock) {
        this.clock = clock;
        this.payments = payments;
        this.events = events;
        this.onDefect = onDefect;
    }

    Tip tip() {
        return tip;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        payments.blockConnected(height, header, block);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        payments.blockDisconnected(height, header);
    }

    @Override
    public void tip(int height, BlockHash hash) {
        Tip next = new Tip(height, hash.toString());
        if (!next.equals(tip)) {
            tip = next;
            payments.tip(height, hash);
            reportTip(next);
        }
    }

    /// While the node catches up, and more blocks follow, one event a second.
    private void reportTip(Tip next) {
        Instant now = clock.instant();
        boolean isLast = next.height() >= headers;
        if (isLast || tipToldAt.equals(Instant.MIN) || !now.isBefore(tipToldAt.plus(INTERVAL))) {
            tipToldAt = now;
            events.emit(new NodeEvent.Tip(next.height(), next.hash()));
        }
    }

    @Override
    public void headersConnected(int from, int to, BlockHash hash) {
        headers = to;
        payments.headersConnected(from, to, hash);
    }

    @Override
    public void headersDisconnected(int from, int to) {
        headers = to - 1;
        payments.headersDisconnected(from, to);
    }

    /// Once a second at most while the node catches up.
    @Override
    public void status(SyncStatus status) {
        List<SyncStatus.Obstacle.Code> codes =
                status.obstacles().stream().map(SyncStatus.Obstacle::code).toList();
        for (SyncStatus.Obstacle obstacle : status.obstacles()) {
            if (!obstacles.contains(obstacle.code())) {
                events.emit(new NodeEvent.ChainHeldBack(obstacle.code().name(), obstacle.detail()));
            }
        }
        for (SyncStatus.Obstacle.Code code : obstacles) {
            if (!codes.contains(code)) {
                events.emit(new NodeEvent.ChainFreed(code.name()));
            }
        }
        obstacles = codes;
        boolean catchesUp =
                status.phase() == SyncStatus.Phase.HEADERS
                        || status.phase() == SyncStatus.Phase.BLOCKS;
        // Not for the moment in which a new block is fetched.
        if (catchesUp && wasCatchingUp) {
            events.emit(progress(status));
        }
        wasCatchingUp = catchesUp;
    }

    private static NodeEvent progress(SyncStatus status) {
        return new NodeEvent.ChainProgress(
                status.phase().name().toLowerCase(Locale.ROOT),
                status.height(),
                status.blockHeight(),
                Math.round(status.progress().headersPerSecond()),
                status.connected(),
                status.progress().bytes(),
                status.progress().left().map(Duration::toSeconds));
    }

    /// The status as the node's API has it.
    static NodeStatus.Chain chain(SyncStatus status) {
        return new NodeStatus.Chain(
                status.phase().name().toLowerCase(Locale.ROOT),
                status.height(),
                status.tipAge().toSeconds(),
                status.connected(),
                status.agreeing(),
                status.isFresh(),
                status.progress().bytes(),
                status.progress().left().map(Duration::toSeconds),
                status.obstacles().stream()
                        .map(obstacle ->
                                new NodeStatus.Obstacle(obstacle.code().name(), obstacle.detail()))
                        .toList(),
                status.peers().stream().map(ChainReports::peer).toList());
    }

    private static NodeStatus.BitcoinPeer peer(SyncStatus.PeerInfo peer) {
        return new NodeStatus.BitcoinPeer(
                peer.name(),
                peer.state().name().toLowerCase(Locale.ROOT),
                peer.userAgent(),
                peer.height(),
                peer.agrees(),
                peer.penalty(),
                peer.last());
    }

    @Override
    public void peerConnected(String peer, String userAgent) {
        events.emit(new NodeEvent.BitcoinPeerConnected(peer, userAgent));
    }

    @Override
    public void peerLost(String peer, DisconnectReason reason) {
        events.emit(new NodeEvent.BitcoinPeerLost(peer, reason.toString()));
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        payments.broadcast(event);
    }

    @Override
    public void failed(Throwable defect) {
        onDefect.accept(defect);
    }
}
