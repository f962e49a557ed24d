package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.wire.P2pMessage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Blocks from before the birthday that our owner asks for, with peers that do as their scripts say
/// and simulated time.
class OwnersBlocksTest {
    private static final int HEIGHT = 50;
    private static final int BIRTHDAY = 40;
    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<Block> blocks = Blocks.onGenesis(HEIGHT, 1);

    /// Gives no blocks below the birthday.
    private static final class WithoutOldBlocks extends SimulatedPeers.Script {
        WithoutOldBlocks(List<Block> blocks) {
            super(blocks);
        }

        @Override
        List<P2pMessage> blocks(P2pMessage.GetData wanted) {
            return super.blocks(wanted).stream()
                    .filter(message ->
                            message instanceof P2pMessage.BlockMessage(var block)
                                    && blocks.subList(BIRTHDAY - 1, HEIGHT).stream()
                                            .anyMatch(late -> late.hash().equals(block.hash())))
                    .toList();
        }
    }

    private SimulatedPeers follow(SimulatedPeers.Script... scripts) {
        List<String> names = List.of("bob", "carol").subList(0, scripts.length);
        SyncEngine engine =
                new SyncEngine(
                        new HeaderChain(Network.REGTEST, new SplittableRandom(1)),
                        new Birthday.AtHeight(BIRTHDAY),
                        SyncSettings.DEFAULTS,
                        new SplittableRandom(1),
                        names.stream().map(SimulatedPeers::address).toList());
        SimulatedPeers peers =
                new SimulatedPeers(
                        engine, Instant.ofEpochSecond(Blocks.TIME).plusSeconds(600L * HEIGHT));
        for (int i = 0; i < scripts.length; i++) {
            peers.put(names.get(i), scripts[i]);
        }
        peers.until(() -> engine.activeTip().height() == HEIGHT, LONG);
        assertThat(engine.activeTip().height()).isEqualTo(HEIGHT);
        return peers;
    }

    private Optional<SerializedBlock> at(int height) {
        return Optional.of(SerializedBlock.of(blocks.get(height - 1)));
    }

    @Test
    void blocksFromBeforeTheBirthdayAreFetchedAndThoseAfterItOnceMore() {
        SimulatedPeers peers = follow(new SimulatedPeers.Script(blocks));
        peers.fetch(1, 3);
        peers.fetch(2, HEIGHT);
        peers.fetch(3, 3);
        assertThat(peers.fetched()).isEmpty();
        peers.until(() -> peers.fetched().size() == 3, LONG);
        assertThat(peers.fetched())
                .containsEntry(1L, at(3))
                .containsEntry(2L, at(HEIGHT))
                .containsEntry(3L, at(3));
    }

    @Test
    void onlySoManyAreFetchedAtATimeAndNoneThatTheChainDoesNotHave() {
        SimulatedPeers peers = follow(new SimulatedPeers.Script(blocks));
        for (int i = 0; i <= OwnersBlocks.MAX; i++) {
            peers.fetch(i, i + 1);
        }
        assertThat(peers.fetched()).containsOnlyKeys((long) OwnersBlocks.MAX);
        assertThat(peers.fetched()).containsValue(Optional.empty());
        peers.until(() -> peers.fetched().size() == OwnersBlocks.MAX + 1, LONG);
        peers.fetch(10, 0);
        peers.fetch(11, HEIGHT + 1);
        peers.fetch(12, -1);
        assertThat(Stream.of(10L, 11L, 12L).map(peers.fetched()::get))
                .containsOnly(Optional.empty());
    }

    @Test
    void whatOnePeerDoesNotDeliverAnotherDoesAndWhatNobodyDeliversIsGivenUp() {
        SimulatedPeers peers =
                follow(new WithoutOldBlocks(blocks), new SimulatedPeers.Script(blocks));
        peers.fetch(1, 3);
        peers.until(() -> peers.fetched().containsKey(1L), LONG);
        assertThat(peers.fetched()).containsEntry(1L, at(3));

        SimulatedPeers alone = follow(new WithoutOldBlocks(blocks));
        alone.fetch(1, 3);
        assertThat(alone.until(() -> alone.fetched().containsKey(1L), LONG))
                .isBetween(OwnersBlocks.DEADLINE, OwnersBlocks.DEADLINE.plusSeconds(1));
        assertThat(alone.fetched()).containsEntry(1L, Optional.empty());
    }

    @Test
    void aBlockThatHasLeftTheBestChainMeanwhileIsNotGiven() {
        SimulatedPeers peers = follow(new WithoutOldBlocks(blocks));
        peers.fetch(1, 30);
        peers.pass(Duration.ofSeconds(1));
        List<Block> other = new ArrayList<>(blocks.subList(0, 20));
        other.addAll(Blocks.on(blocks.get(19), 20, HEIGHT, 2));
        peers.put("bob", new SimulatedPeers.Script(other));
        peers.disconnect("bob", DisconnectReason.Code.SILENT);
        Duration took = peers.until(() -> peers.fetched().containsKey(1L), LONG);
        assertThat(took).isLessThan(Duration.ofMinutes(1));
        assertThat(peers.fetched()).containsEntry(1L, Optional.empty());
    }
}
