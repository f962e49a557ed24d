package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.events.NodeEvent;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class ChainReportsTest {
    private static final BlockHeader HEADER =
            new BlockHeader(4, BlockHash.ZERO, MerkleNode.ZERO, 0, 0x207fffffL, 0);

    private final RecordedEvents events = new RecordedEvents();
    private final List<String> told = new ArrayList<>();
    private final List<Throwable> defects = new ArrayList<>();
    private Instant now = Instant.ofEpochSecond(1_800_000_000L);
    private final ChainReports reports =
            new ChainReports(new Payments(), events, defects::add, () -> now);

    /// Notes what it is told, and how many events were reported before.
    private final class Payments implements ChainListener {
        @Override
        public void blockConnected(int height, BlockHeader header, Block block) {
            told.add("connected " + height);
        }

        @Override
        public void blockDisconnected(int height, BlockHeader header) {
            told.add("disconnected " + height);
        }

        @Override
        public void tip(int height, BlockHash hash) {
            told.add("tip " + height + ", reported before: " + events.take().size());
        }

        @Override
        public void broadcast(BroadcastEvent event) {
            told.add("broadcast " + event.getClass().getSimpleName());
        }
    }

    @Test
    void beforeTheFirstTipTheHeightIsMinusOne() {
        assertThat(reports.tip()).isEqualTo(new ChainReports.Tip(-1, ""));
    }

    @Test
    void aNewTipIsReportedOnceAndAfterThePayments() {
        reports.tip(5, HEADER.hash());
        reports.tip(5, HEADER.hash());
        assertThat(told).containsExactly("tip 5, reported before: 0");
        assertThat(events.take()).containsExactly(new NodeEvent.Tip(5, HEADER.hash().toString()));
        assertThat(reports.tip()).isEqualTo(new ChainReports.Tip(5, HEADER.hash().toString()));
        reports.tip(5, BlockHash.ZERO);
        assertThat(events.take()).hasSize(1);
    }

    @Test
    void whileMoreBlocksFollowOneTipASecondIsReportedAndTheLast() {
        reports.headersConnected(1, 100, HEADER.hash());
        for (int height = 1; height <= 100; height++) {
            if (height == 50) {
                now = now.plusSeconds(1);
            }
            reports.tip(height, HEADER.hash());
        }
        assertThat(told).as("payments hear of each").hasSize(100);
        assertThat(reports.tip().height()).isEqualTo(100);
        assertThat(events.take()).contains(new NodeEvent.Tip(100, HEADER.hash().toString()));
        reports.headersDisconnected(100, 98);
        reports.tip(97, HEADER.hash());
        assertThat(events.take()).hasSize(1);
    }

    private SyncStatus status(SyncStatus.Phase phase, SyncStatus.Obstacle... obstacles) {
        return new SyncStatus(
                now,
                phase,
                9,
                HEADER.hash(),
                now.minusSeconds(60),
                BigInteger.TEN,
                7,
                1,
                true,
                false,
                List.of(obstacles),
                new SyncStatus.Progress(3.4, 0, 1_000, 0, Optional.of(Duration.ofSeconds(5))),
                List.of(
                        new SyncStatus.PeerInfo(
                                "127.0.0.1:1",
                                PeerManager.State.CONNECTED,
                                "/btcd/",
                                9,
                                true,
                                true,
                                0,
                                Optional.empty())));
    }

    @Test
    void whatHoldsTheChainBackIsReportedWhenItComesAndWhenItGoes() {
        SyncStatus.Obstacle full =
                new SyncStatus.Obstacle(SyncStatus.Obstacle.Code.DISK_FULL, "no space");
        reports.status(status(SyncStatus.Phase.FOLLOWING, full));
        reports.status(status(SyncStatus.Phase.FOLLOWING, full));
        assertThat(events.take())
                .containsExactly(new NodeEvent.ChainHeldBack("DISK_FULL", "no space"));
        reports.status(status(SyncStatus.Phase.FOLLOWING));
        assertThat(events.take()).containsExactly(new NodeEvent.ChainFreed("DISK_FULL"));
        reports.status(status(SyncStatus.Phase.HEADERS));
        assertThat(events.take()).as("perhaps it is one new block").isEmpty();
        reports.status(status(SyncStatus.Phase.HEADERS));
        assertThat(events.take())
                .containsExactly(
                        new NodeEvent.ChainProgress("headers", 9, 7, 3, 1, 1_000, Optional.of(5L)));
    }

    @Test
    void theStatusHasWhatTheChainIsAndWhoseItIs() {
        NodeStatus.Chain chain = ChainReports.chain(status(SyncStatus.Phase.BLOCKS));
        assertThat(chain.phase()).isEqualTo("blocks");
        assertThat(chain.headers()).isEqualTo(9);
        assertThat(chain.tipAgeSeconds()).isEqualTo(60);
        assertThat(chain.peers())
                .containsExactly(
                        new NodeStatus.BitcoinPeer(
                                "127.0.0.1:1",
                                "connected",
                                "/btcd/",
                                9,
                                true,
                                0,
                                Optional.empty()));
    }

    @Test
    void blocksAndBroadcastsArePassedOn() {
        reports.blockConnected(7, HEADER, new Block(HEADER, List.of()));
        reports.blockDisconnected(7, HEADER);
        reports.broadcast(new BroadcastEvent.Displaced(Txid.ZERO));
        assertThat(told).containsExactly("connected 7", "disconnected 7", "broadcast Displaced");
        assertThat(events.take()).isEmpty();
    }

    @Test
    void peersThatComeAndGoAreReported() {
        reports.peerConnected("127.0.0.1:1", "/btcd/");
        DisconnectReason reason = new DisconnectReason(DisconnectReason.Code.CLOSED, "reset");
        reports.peerLost("127.0.0.1:1", reason);
        assertThat(events.take())
                .containsExactly(
                        new NodeEvent.BitcoinPeerConnected("127.0.0.1:1", "/btcd/"),
                        new NodeEvent.BitcoinPeerLost("127.0.0.1:1", reason.toString()));
    }

    @Test
    void aDefectEndsTheNode() {
        IllegalStateException defect = new IllegalStateException("x");
        reports.failed(defect);
        assertThat(defects).containsExactly(defect);
    }
}
