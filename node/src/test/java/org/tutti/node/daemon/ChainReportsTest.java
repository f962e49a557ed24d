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
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.node.events.NodeEvent;

import java.util.ArrayList;
import java.util.List;

class ChainReportsTest {
    private static final BlockHeader HEADER =
            new BlockHeader(4, BlockHash.ZERO, MerkleNode.ZERO, 0, 0x207fffffL, 0);

    private final RecordedEvents events = new RecordedEvents();
    private final List<String> told = new ArrayList<>();
    private final List<Throwable> defects = new ArrayList<>();
    private final ChainReports reports = new ChainReports(new Payments(), events, defects::add);

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
