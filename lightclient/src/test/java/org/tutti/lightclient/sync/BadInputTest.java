package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.MemoryHeaderStore;
import org.tutti.lightclient.peers.PeerManager.State;
import org.tutti.lightclient.sync.SyncStatus.Obstacle.Code;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What a hostile or broken peer sends, what becomes of it, and that bob beside it is followed.
/// What is wrong with bytes and frames is in `PeerConnectionTest`.
class BadInputTest {
    private static final Instant NOW = Instant.ofEpochSecond(Blocks.TIME).plusSeconds(600L * 102);

    private final List<Block> blocks = Blocks.onGenesis(100, 1);

    /// Whether the disk is full.
    private boolean isFull;

    private final MemoryHeaderStore memory =
            new MemoryHeaderStore(ChainStart.genesis(Network.REGTEST));
    private final SyncEngine engine =
            new SyncEngine(
                    new HeaderChain(
                            Network.REGTEST,
                            new FillingStore(memory, () -> isFull),
                            new SplittableRandom(1)),
                    Birthday.never(),
                    SyncSettings.DEFAULTS,
                    new SplittableRandom(1),
                    List.of(SimulatedPeers.address("mallory"), SimulatedPeers.address("bob")));
    private final SimulatedPeers peers = new SimulatedPeers(engine, NOW);

    @BeforeEach
    void connect() {
        peers.put("mallory", new SimulatedPeers.Script(blocks.subList(0, 50)));
        peers.put("bob", new SimulatedPeers.Script(blocks));
    }

    private void catchUp() {
        peers.until(() -> engine.status(peers.now()).verified(), Duration.ofMinutes(1));
        assertThat(engine.chain().tip().height()).isEqualTo(100);
    }

    private State stateOfMallory() {
        return engine.status(peers.now()).peers().getFirst().state();
    }

    private void isBannedFor(P2pMessage message) {
        catchUp();
        peers.say("mallory", message);
        peers.pass(Duration.ofSeconds(1));
        assertThat(stateOfMallory()).isEqualTo(State.BANNED);
        isFollowed();
    }

    /// Bob's next block arrives.
    private void isFollowed() {
        List<Block> next = Blocks.on(blocks.getLast(), 100, 1, 1);
        peers.say("bob", new Headers(Blocks.headers(next)));
        peers.pass(Duration.ofSeconds(1));
        assertThat(engine.chain().tip().hash()).isEqualTo(next.getLast().hash());
    }

    @Test
    void headersOutOfOrder() {
        List<Block> side = Blocks.on(blocks.get(90), 91, 3, 2);
        isBannedFor(
                new Headers(
                        List.of(side.get(0).header(), side.get(2).header(), side.get(1).header())));
    }

    @Test
    void headersWithoutWork() {
        BlockHeader tip = blocks.getLast().header();
        isBannedFor(
                new Headers(
                        List.of(
                                Blocks.grind(
                                        Blocks.header(tip, MerkleNode.ZERO, tip.time() + 600),
                                        false))));
    }

    @Test
    void headersWithOtherBitsThanTheChainPrescribes() {
        BlockHeader tip = blocks.getLast().header();
        isBannedFor(
                new Headers(
                        List.of(
                                Blocks.grind(
                                        new BlockHeader(
                                                4,
                                                tip.hash(),
                                                MerkleNode.ZERO,
                                                tip.time() + 600,
                                                0x207ffffeL,
                                                0)))));
    }

    @Test
    void headersThatHangInTheAirAgainAndAgain() {
        catchUp();
        Headers loose = new Headers(Blocks.headers(Blocks.onGenesis(5, 7).subList(4, 5)));
        for (int i = 0; i <= 2 * SyncEngine.MAX_UNCONNECTED; i++) {
            peers.say("mallory", loose);
            peers.pass(Duration.ofMillis(400));
        }
        assertThat(stateOfMallory()).isEqualTo(State.BANNED);
        isFollowed();
    }

    @Test
    void blocksNobodyAskedFor() {
        catchUp();
        for (int i = 0; i <= SyncEngine.MAX_UNREQUESTED; i++) {
            peers.say("mallory", new BlockMessage(blocks.getFirst()));
        }
        peers.pass(Duration.ofSeconds(1));
        assertThat(stateOfMallory()).isEqualTo(State.BANNED);
        isFollowed();
    }

    @Test
    void aHeaderBeyondTheFutureLimitIsNoProofAndIsToldOnlyIfMostStopThere() {
        catchUp();
        BlockHeader tip = blocks.getLast().header();
        BlockHeader ahead =
                Blocks.grind(
                        Blocks.header(
                                tip,
                                MerkleNode.ZERO,
                                peers.now().getEpochSecond() + 2 * 3_600 + 60));
        peers.say("mallory", new Headers(List.of(ahead)));
        peers.pass(Duration.ofSeconds(1));
        assertThat(stateOfMallory()).isEqualTo(State.CONNECTED);
        assertThat(engine.status(peers.now()).obstacles()).isEmpty();
        peers.say("bob", new Headers(List.of(ahead)));
        peers.pass(Duration.ofSeconds(1));
        assertThat(engine.status(peers.now()).obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(Code.FUTURE_HEADER);
        assertThat(engine.status(peers.now()).isFresh()).isFalse();
        isFollowed();
    }

    @Test
    void whoHasAChainThatOurOwnerDeclaredInvalidIsNotToBlame() {
        catchUp();
        engine.chain().declareInvalid(blocks.get(80).hash());
        peers.say("mallory", new Headers(Blocks.headers(Blocks.on(blocks.getLast(), 100, 1, 1))));
        peers.pass(Duration.ofSeconds(30));
        assertThat(stateOfMallory()).isEqualTo(State.CONNECTED);
        assertThat(engine.chain().tip().height()).isEqualTo(80);
    }

    @Test
    void announcementsThatLeadNowhereAreNotFollowedForEver() {
        catchUp();
        SimulatedPeers.Script mallory = peers.script("mallory");
        int before = mallory.questions;
        for (int i = 0; i < 200; i++) {
            BlockHash made = BlockHash.hashOf(new byte[] {(byte) i});
            peers.say("mallory", new Inv(List.of(new InventoryItem.Block(made, false))));
            peers.pass(Duration.ofMillis(100));
        }
        assertThat(mallory.questions - before)
                .as("20 s")
                .isLessThan(SyncEngine.MAX_BROKEN_PROMISES + 5);
        assertThat(engine.status(peers.now()).peers().getFirst().penalty()).isGreaterThan(20);
        isFollowed();
    }

    @Test
    void aFullDiskIsSaidAndTriedAgainAndNobodyIsToBlame() {
        isFull = true;
        peers.pass(Duration.ofSeconds(30));
        assertThat(engine.chain().tip().height()).isZero();
        SyncStatus status = engine.status(peers.now());
        assertThat(status.obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .contains(Code.DISK_FULL);
        assertThat(status.isFresh()).isFalse();
        assertThat(status.peers()).allMatch(peer -> peer.penalty() == 0);
        assertThat(peers.log()).isEmpty();
        isFull = false;
        peers.pass(Duration.ofSeconds(30));
        assertThat(engine.chain().tip().height()).isEqualTo(100);
        assertThat(engine.status(peers.now()).obstacles()).isEmpty();
    }

    @Test
    void aClockThatIsTwoHoursWrongIsSaid() {
        peers.setPeersClockAhead(Duration.ofHours(2));
        catchUp();
        assertThat(engine.status(peers.now()).obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(Code.CLOCK_DIFFERS);
        assertThat(engine.status(peers.now()).obstacles().getFirst().detail())
                .contains("120 minutes behind");
    }

    @Test
    void oneClockOfTwoIsNotMostOfThem() {
        peers.setClockAhead("mallory", Duration.ofHours(5));
        catchUp();
        assertThat(engine.status(peers.now()).obstacles()).isEmpty();
    }

    @Test
    void whoIsSilentInEveryWayIsSaid() {
        SimulatedPeers.Script silent =
                new SimulatedPeers.Script(blocks) {
                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        return List.of();
                    }
                };
        peers.put("mallory", silent);
        peers.put("bob", silent);
        peers.pass(Duration.ofSeconds(30));
        assertThat(engine.status(peers.now()).obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(Code.PEERS_SILENT);
    }

    @Test
    void whereEverybodysChainWasMadeAnewThatIsSaidWithWhatToDo() {
        catchUp();
        List<Block> anew = Blocks.onGenesis(30, 5);
        for (String name : List.of("mallory", "bob")) {
            peers.put(name, new SimulatedPeers.Script(anew));
            peers.disconnect(name, DisconnectReason.Code.CLOSED);
        }
        peers.pass(Duration.ofSeconds(60));
        assertThat(engine.chain().tip().height()).isEqualTo(100);
        SyncStatus status = engine.status(peers.now());
        assertThat(status.obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(Code.NOBODY_AGREES);
        assertThat(status.obstacles().getFirst().detail()).contains("delete the folder chain");
        assertThat(status.isFresh()).isFalse();
    }

    @Test
    void whereNobodyIsThereThatIsSaidWithWhyAndItGoesOnTrying() {
        peers.remove("mallory");
        peers.remove("bob");
        peers.pass(Duration.ofMinutes(10));
        SyncStatus status = engine.status(peers.now());
        assertThat(status.obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(Code.NO_PEER);
        assertThat(status.obstacles().getFirst().detail()).contains("bob:1, UNREACHABLE");
        assertThat(peers.dials("bob")).isGreaterThan(50);
        peers.put("bob", new SimulatedPeers.Script(blocks));
        peers.pass(Duration.ofSeconds(20));
        assertThat(engine.chain().tip().height()).isEqualTo(100);
    }

    @Test
    void blocksThatNobodyDeliversAreSaid() {
        SyncEngine full =
                new SyncEngine(
                        new HeaderChain(Network.REGTEST, new SplittableRandom(1)),
                        Birthday.atStart(),
                        SyncSettings.DEFAULTS,
                        new SplittableRandom(1),
                        List.of(SimulatedPeers.address("bob")));
        SimulatedPeers others = new SimulatedPeers(full, NOW);
        others.put(
                "bob",
                new SimulatedPeers.Script(blocks) {
                    @Override
                    List<P2pMessage> blocks(P2pMessage.GetData wanted) {
                        return super.blocks(wanted).stream()
                                .filter(message ->
                                        message instanceof BlockMessage(var block)
                                                && !block.hash().equals(blocks.get(10).hash()))
                                .toList();
                    }
                });
        List<SyncStatus.Phase> phases = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            others.pass(Duration.ofSeconds(1));
            if (others.lastStatus().obstacles().stream()
                    .anyMatch(obstacle -> obstacle.code() == Code.BLOCKS_MISSING)) {
                phases.add(others.lastStatus().phase());
            }
        }
        assertThat(phases).contains(SyncStatus.Phase.BLOCKS);
        assertThat(full.status(others.now()).blockHeight()).isEqualTo(10);
    }

    @Test
    void onlyOneEventASecondIsToldWhileCatchingUpAndNoneAfterwards() {
        SimulatedPeers.Script slow =
                new SimulatedPeers.Script(blocks) {
                    @Override
                    List<BlockHeader> headers(GetHeaders asked) {
                        List<BlockHeader> all = super.headers(asked);
                        return all.subList(0, Math.min(1, all.size()));
                    }
                };
        peers.put("mallory", slow);
        peers.put("bob", slow);
        peers.pass(Duration.ofSeconds(60));
        int before = peers.statusEvents();
        assertThat(before).isLessThan(62);
        peers.put("bob", new SimulatedPeers.Script(blocks));
        peers.disconnect("bob", DisconnectReason.Code.CLOSED);
        peers.pass(Duration.ofMinutes(2));
        before = peers.statusEvents();
        peers.pass(Duration.ofMinutes(10));
        assertThat(peers.statusEvents() - before).isZero();
    }
}
