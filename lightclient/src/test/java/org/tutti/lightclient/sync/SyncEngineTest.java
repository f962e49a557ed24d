package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.MemoryHeaderStore;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.internal.peers.PeerOutput.Disconnect;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// The engine with scripted peers and a clock turned by hand. Peer 1 is bob, peer 2 carol, peer 3
/// mallory. One responsibility: what the engine answers to each message of a peer.
class SyncEngineTest {
    private static final long BOB = 1;
    private static final long CAROL = 2;
    private static final long MALLORY = 3;
    private static final SyncSettings SETTINGS = SyncSettings.DEFAULTS;

    private final List<String> events = new ArrayList<>();
    private final SyncEngine engine = engine(1);
    private Instant now = Instant.ofEpochSecond(1_800_000_000L);

    private final List<String> headerEvents = new ArrayList<>();

    private SyncEngine engine(int birthday) {
        HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));
        return new SyncEngine(
                chain, new Birthday.AtHeight(birthday), SETTINGS, new SplittableRandom(1));
    }

    private static String describe(ChainEvent event) {
        return switch (event) {
            case ChainEvent.Connected(var entry, var _, var _) -> "+" + entry.height();
            case ChainEvent.Disconnected(var entry) -> "-" + entry.height();
            case ChainEvent.Tip(var entry) -> "tip " + entry.height();
            case ChainEvent.PeerConnected(String peer, String _) -> "hello " + peer;
            case ChainEvent.PeerLost(String peer, DisconnectReason reason) ->
                    "lost " + peer + " " + reason.code();
            case ChainEvent.Broadcast(var result) -> result.getClass().getSimpleName();
            case ChainEvent.Status(SyncStatus status) -> "status " + status.phase();
            case ChainEvent.HeadersConnected(var fork, var tip) ->
                    "headers +" + (fork.height() + 1) + ".." + tip.height();
            case ChainEvent.HeadersDisconnected(var tip, var fork) ->
                    "headers -" + tip.height() + ".." + (fork.height() + 1);
        };
    }

    /// Keeps what the listener is told in `events`, and what it is told of headers apart.
    ///
    /// @return the rest
    private List<PeerOutput> on(SyncEngine target, SyncInput input, Instant at) {
        List<PeerOutput> toPeers = new ArrayList<>();
        for (SyncOutput output : target.on(input, at)) {
            switch (output) {
                case SyncOutput.ToPeer(PeerOutput toPeer) -> toPeers.add(toPeer);
                case SyncOutput.SavePending _ -> {
                    // Looked at in the broadcaster's own tests.
                }
                case SyncOutput.Fetched _ -> throw new AssertionError("nobody asked for it");
                case SyncOutput.Dial _ -> throw new AssertionError("nobody to dial");
                case SyncOutput.ToListener(ChainEvent.Status _) -> {
                    // Looked at by SyncStatusTest.
                }
                case SyncOutput.ToListener(ChainEvent event) -> {
                    boolean ofHeaders =
                            event instanceof ChainEvent.HeadersConnected
                                    || event instanceof ChainEvent.HeadersDisconnected;
                    (ofHeaders ? headerEvents : events).add(describe(event));
                }
            }
        }
        return toPeers;
    }

    private List<PeerOutput> ready(long peer) {
        P2pMessage.Version version = new P2pMessage.Version(70_016, 9, 0, peer, "/test/", 0, true);
        return on(engine, new SyncInput.PeerReady(peer, "peer" + peer, version), now);
    }

    private List<PeerOutput> receive(long peer, P2pMessage message) {
        return on(engine, new SyncInput.Received(peer, message), now);
    }

    private List<PeerOutput> later(Duration time) {
        now = now.plus(time);
        return on(engine, new SyncInput.Tick(), now);
    }

    /// Answers every request for blocks in the outputs with blocks from these, until no more are
    /// asked for.
    private List<PeerOutput> serve(List<PeerOutput> outputs, List<Block> blocks) {
        List<PeerOutput> all = new ArrayList<>(outputs);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof Send(long peer, GetData wanted)) {
                for (InventoryItem item : wanted.items()) {
                    blocks.stream()
                            .filter(block ->
                                    item.equals(new InventoryItem.Block(block.hash(), true)))
                            .findFirst()
                            .ifPresent(block -> all.addAll(receive(peer, new BlockMessage(block))));
                }
            }
        }
        return all;
    }

    private void sync(long peer, List<Block> blocks) {
        serve(receive(peer, new Headers(Blocks.headers(blocks))), blocks);
    }

    private static List<BlockHash> asked(List<PeerOutput> outputs, long of) {
        List<BlockHash> hashes = new ArrayList<>();
        for (PeerOutput output : outputs) {
            if (output instanceof Send(long peer, GetData wanted) && peer == of) {
                wanted.items().forEach(item -> hashes.add(((InventoryItem.Block) item).hash()));
            }
        }
        return hashes;
    }

    private static List<Code> dropped(List<PeerOutput> outputs, long peer) {
        return outputs.stream()
                .filter(output -> output.peer() == peer)
                .filter(Disconnect.class::isInstance)
                .map(output -> ((Disconnect) output).reason().code())
                .toList();
    }

    private static boolean asksHeaders(List<PeerOutput> outputs, long peer) {
        return outputs.stream()
                .anyMatch(output -> output instanceof Send(long to, GetHeaders _) && to == peer);
    }

    @Test
    void headersComeFirstThenBlocksInOrderThenTheTip() {
        List<Block> blocks = Blocks.onGenesis(3, 1);
        assertThat(asksHeaders(ready(BOB), BOB)).isTrue();
        sync(BOB, blocks);
        assertThat(events)
                .containsExactly("hello peer1", "+1", "tip 1", "+2", "tip 2", "+3", "tip 3");
    }

    @Test
    void blocksThatArriveOutOfOrderAreToldInOrder() {
        List<Block> blocks = Blocks.onGenesis(3, 1);
        ready(BOB);
        receive(BOB, new Headers(Blocks.headers(blocks)));
        for (Block block : blocks.reversed()) {
            receive(BOB, new BlockMessage(block));
        }
        assertThat(events).containsExactly("hello peer1", "+1", "+2", "+3", "tip 3");
    }

    @Test
    void noMoreBlocksAreAskedForThanTheWindow() {
        List<Block> blocks = Blocks.onGenesis(100, 1);
        ready(BOB);
        List<PeerOutput> first = receive(BOB, new Headers(Blocks.headers(blocks)));
        assertThat(asked(first, BOB)).hasSize(BlockSync.WINDOW);
        serve(first, blocks);
        assertThat(engine.activeTip().height()).isEqualTo(100);
    }

    @Test
    void twoPeersShareTheWork() {
        List<Block> blocks = Blocks.onGenesis(100, 1);
        ready(BOB);
        ready(CAROL);
        receive(BOB, new Headers(Blocks.headers(blocks.subList(0, 1))));
        receive(CAROL, new Headers(Blocks.headers(blocks)));
        List<PeerOutput> outputs = receive(BOB, new Headers(Blocks.headers(blocks)));
        outputs.addAll(receive(BOB, new BlockMessage(blocks.getFirst())));
        assertThat(asked(outputs, BOB)).isNotEmpty();
    }

    @Test
    void belowTheBirthdayHeadersAreEnough() {
        SyncEngine late = engine(3);
        List<Block> blocks = Blocks.onGenesis(4, 1);
        on(late, new SyncInput.PeerReady(BOB, "bob", version()), now);
        List<PeerOutput> outputs =
                on(
                        late,
                        new SyncInput.Received(
                                BOB, new Headers(Blocks.headers(blocks.subList(0, 2)))),
                        now);
        assertThat(asked(outputs, BOB)).isEmpty();
        outputs = on(late, new SyncInput.Received(BOB, new Headers(Blocks.headers(blocks))), now);
        assertThat(asked(outputs, BOB)).containsExactly(blocks.get(2).hash(), blocks.get(3).hash());
        assertThat(events).containsExactly("hello bob", "tip 2");
    }

    @Test
    void aForkThatPartsBelowTheBirthdayIsToldFromTheBirthdayOn() {
        SyncEngine late = engine(3);
        List<Block> ours = Blocks.onGenesis(4, 1);
        List<Block> theirs = Blocks.onGenesis(5, 2);
        on(late, new SyncInput.PeerReady(BOB, "bob", version()), now);
        for (List<Block> chain : List.of(ours, theirs)) {
            on(late, new SyncInput.Received(BOB, new Headers(Blocks.headers(chain))), now);
            for (Block block : chain.subList(2, chain.size())) {
                on(late, new SyncInput.Received(BOB, new BlockMessage(block)), now);
            }
        }
        assertThat(events)
                .containsSubsequence("+3", "+4", "-4", "-3", "+3", "+4", "+5", "tip 5")
                .doesNotContain("-2", "+2");
        assertThat(late.activeTip().hash()).isEqualTo(theirs.getLast().hash());
    }

    private static P2pMessage.Version version() {
        return new P2pMessage.Version(70_016, 9, 0, 1, "/test/", 0, true);
    }

    @Test
    void aLongerForkIsTakenInOneMoveOnceItsBlocksAreHere() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        List<Block> theirs = Blocks.on(ours.getFirst(), 1, 3, 2);
        ready(BOB);
        sync(BOB, ours);
        events.clear();
        List<PeerOutput> outputs = receive(BOB, new Headers(Blocks.headers(theirs)));
        assertThat(events).isEmpty();
        receive(BOB, new BlockMessage(theirs.get(0)));
        receive(BOB, new BlockMessage(theirs.get(1)));
        assertThat(events).isEmpty();
        receive(BOB, new BlockMessage(theirs.get(2)));
        assertThat(asked(outputs, BOB)).hasSize(3);
        assertThat(events).containsExactly("-3", "-2", "+2", "+3", "+4", "tip 4");
    }

    @Test
    void headersAreToldInRangesAndBeforeTheirBlocks() {
        List<Block> ours = Blocks.onGenesis(5, 1);
        ready(BOB);
        receive(BOB, new Headers(Blocks.headers(ours)));
        assertThat(events).containsExactly("hello peer1");
        receive(BOB, new Headers(Blocks.headers(Blocks.on(ours.get(2), 3, 4, 2))));
        assertThat(headerEvents).containsExactly("headers +1..5", "headers -5..4", "headers +4..7");
    }

    @Test
    void headersWhoseParentCameLaterAreTakenThen() {
        List<Block> ours = Blocks.onGenesis(5, 1);
        ready(BOB);
        ready(MALLORY);
        receive(MALLORY, new Headers(Blocks.headers(ours.subList(3, 5))));
        receive(BOB, new Headers(Blocks.headers(ours.subList(0, 3))));
        assertThat(engine.chain().tip().height()).isEqualTo(5);
    }

    @Test
    void noBlockIsAskedForBeforeTheChainHasTheNetworksWork() {
        Difficulty old = Network.REGTEST.difficulty();
        Network busy =
                Network.REGTEST.toBuilder()
                        .difficulty(
                                new Difficulty(
                                        old.limitBits(),
                                        old.rules(),
                                        Network.REGTEST
                                                .genesisHeader()
                                                .work()
                                                .multiply(BigInteger.valueOf(11))))
                        .build();
        SyncEngine target =
                new SyncEngine(
                        new HeaderChain(busy, new SplittableRandom(1)),
                        Birthday.atStart(),
                        SETTINGS,
                        new SplittableRandom(1));
        List<Block> lie = Blocks.onGenesis(5, 2);
        List<Block> blocks = Blocks.onGenesis(10, 1);
        on(target, new SyncInput.PeerReady(MALLORY, "mallory", version()), now);
        on(target, new SyncInput.PeerReady(BOB, "bob", version()), now);
        assertThat(headers(target, MALLORY, lie)).noneMatch(SyncEngineTest::asksForBlocks);
        assertThat(target.chain().tip().height()).isEqualTo(5);
        assertThat(headers(target, BOB, blocks.subList(0, 9)))
                .noneMatch(SyncEngineTest::asksForBlocks);
        assertThat(target.chain().tip().hash())
                .as("mallory's chain has ended without enough work, and another's is followed")
                .isEqualTo(blocks.get(8).hash());
        assertThat(headers(target, MALLORY, lie)).noneMatch(SyncEngineTest::asksForBlocks);
        assertThat(target.chain().tip().hash())
                .as("what mallory shows unasked is not kept")
                .isEqualTo(blocks.get(8).hash());
        now = now.plus(SETTINGS.pollHeaders());
        on(target, new SyncInput.Tick(), now);
        assertThat(headers(target, BOB, blocks.subList(9, 10)))
                .anyMatch(SyncEngineTest::asksForBlocks);
    }

    @Test
    void whereAStoredChainLedNowhereAnotherIsFollowedFromItsFork() {
        Difficulty old = Network.REGTEST.difficulty();
        BigInteger work = Network.REGTEST.genesisHeader().work().multiply(BigInteger.valueOf(31));
        Network busy =
                Network.REGTEST.toBuilder()
                        .difficulty(new Difficulty(old.limitBits(), old.rules(), work))
                        .build();
        MemoryHeaderStore store = new MemoryHeaderStore(ChainStart.genesis(busy));
        new HeaderChain(busy, store, new SplittableRandom(1))
                .accept(
                        new HeaderSource.SyncPeer(MALLORY),
                        Blocks.headers(Blocks.onGenesis(20, 2)),
                        now);
        SyncEngine target =
                new SyncEngine(
                        new HeaderChain(busy, store, new SplittableRandom(1)),
                        new Birthday.AtHeight(15),
                        SETTINGS,
                        new SplittableRandom(1));
        assertThat(target.activeTip().height()).isEqualTo(14);
        List<Block> blocks = Blocks.onGenesis(31, 1);
        on(target, new SyncInput.PeerReady(BOB, "bob", version()), now);
        headers(target, BOB, blocks.subList(0, 10));
        assertThat(target.activeTip().height()).isEqualTo(10);
        assertThat(headers(target, BOB, blocks.subList(10, 31)))
                .anyMatch(SyncEngineTest::asksForBlocks);
        assertThat(target.activeTip().hash()).isEqualTo(blocks.get(13).hash());
    }

    private List<PeerOutput> headers(SyncEngine target, long peer, List<Block> blocks) {
        return on(target, new SyncInput.Received(peer, new Headers(Blocks.headers(blocks))), now);
    }

    private static boolean asksForBlocks(PeerOutput output) {
        return output instanceof Send(long _, GetData _);
    }

    @Test
    void aBlockOfASignetWithoutItsSolutionIsRefused() {
        Network signet = Network.REGTEST.toBuilder().signetChallenge(Script.fromHex("51")).build();
        SyncEngine target =
                new SyncEngine(
                        new HeaderChain(signet, new SplittableRandom(1)),
                        Birthday.atStart(),
                        SETTINGS,
                        new SplittableRandom(1));
        // Not even OP_TRUE is satisfied without a witness commitment.
        List<Block> blocks = Blocks.onGenesis(1, 1);
        on(target, new SyncInput.PeerReady(BOB, "bob", version()), now);
        headers(target, BOB, blocks);
        assertThat(target.chain().tip().height()).isZero();
        assertThat(target.chain().heaviestHeader().height()).isEqualTo(1);
        List<PeerOutput> outputs =
                on(target, new SyncInput.Received(BOB, new BlockMessage(blocks.getFirst())), now);
        assertThat(dropped(outputs, BOB)).containsExactly(Code.INVALID_BLOCK);
        assertThat(target.chain().heaviestHeader().height()).isZero();
    }

    @Test
    void aForkThatIsAnnouncedAndNeverDeliveredChangesNothing() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        ready(BOB);
        sync(BOB, ours);
        ready(MALLORY);
        List<Block> phantom = Blocks.onGenesis(50, 6);
        receive(MALLORY, new Headers(Blocks.headers(phantom)));
        events.clear();
        assertThat(dropped(later(SETTINGS.blockDeadline()), MALLORY))
                .containsExactly(Code.BLOCK_STALLED);
        assertThat(events).isEmpty();
        assertThat(engine.activeTip().hash()).isEqualTo(ours.getLast().hash());
    }

    @Test
    void whileAForkIsAnnouncedAndNotDeliveredTheChainOfOthersIsFollowed() {
        List<Block> chain = new ArrayList<>(Blocks.onGenesis(3, 1));
        ready(BOB);
        sync(BOB, chain);
        ready(MALLORY);
        receive(MALLORY, new Headers(Blocks.headers(Blocks.onGenesis(50, 6))));
        chain.addAll(Blocks.on(chain.getLast(), 3, 2, 1));
        sync(BOB, chain);
        assertThat(engine.activeTip().height()).as("while mallory is asked").isEqualTo(5);

        assertThat(dropped(later(SETTINGS.blockDeadline()), MALLORY))
                .containsExactly(Code.BLOCK_STALLED);
        chain.addAll(Blocks.on(chain.getLast(), 5, 2, 1));
        sync(BOB, chain);
        assertThat(engine.activeTip().height()).as("once mallory is gone").isEqualTo(7);

        List<Block> reorganised = Blocks.on(chain.get(4), 5, 4, 2);
        sync(BOB, reorganised);
        assertThat(engine.activeTip().hash()).isEqualTo(reorganised.getLast().hash());
    }

    @Test
    void blocksPromisedOnTopOfTheTipAndWithheldDoNotHoldUpTheTrueOnes() {
        List<Block> chain = new ArrayList<>(Blocks.onGenesis(3, 1));
        ready(BOB);
        sync(BOB, chain);
        ready(MALLORY);
        List<Block> phantom = Blocks.on(chain.getLast(), 3, 2_000, 6);
        receive(MALLORY, new Headers(Blocks.headers(phantom)));
        chain.addAll(Blocks.on(chain.getLast(), 3, 1, 1));
        sync(BOB, chain);
        assertThat(engine.activeTip().hash()).isEqualTo(chain.getLast().hash());
    }

    @Test
    void aDeepForkTakesBackWhatWasMinedAndTheOldChainBringsItAgain() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        Transaction payment = Blocks.payment(1);
        Block paying = Blocks.block(genesis, List.of(Blocks.coinbase(1, 1), payment));
        List<Block> ours = new ArrayList<>(List.of(paying));
        ours.addAll(Blocks.on(paying, 1, 159, 1));
        List<Block> theirs = Blocks.onGenesis(165, 2);
        on(engine, new SyncInput.Broadcast(PendingTransaction.of(payment), Optional.empty()), now);
        ready(BOB);
        sync(BOB, ours.subList(0, 3));
        assertThat(events).contains("Confirmed");
        sync(BOB, ours);
        events.clear();
        ready(CAROL);
        sync(CAROL, theirs);
        assertThat(events.stream().filter(event -> event.startsWith("-"))).hasSize(160);
        assertThat(events).doesNotContain("Confirmed").endsWith("tip 165");
        events.clear();

        ours.addAll(Blocks.on(ours.getLast(), 160, 10, 1));
        sync(BOB, ours);
        assertThat(events).startsWith("-165").endsWith("tip 170");
        assertThat(engine.activeTip().hash()).isEqualTo(ours.getLast().hash());
    }

    @Test
    void ofAForkNoMoreBlocksAreAskedOfOnePeerThanItsBound() {
        List<Block> ours = Blocks.onGenesis(40, 1);
        ready(BOB);
        sync(BOB, ours);
        List<PeerOutput> outputs =
                receive(BOB, new Headers(Blocks.headers(Blocks.onGenesis(50, 2))));
        assertThat(asked(outputs, BOB)).hasSize(BlockFetcher.MAX_PER_PEER);
    }

    @Test
    void aForkOfMoreBytesThanAreHeldIsFollowedBeforeItOutweighsOurs() {
        List<Block> ours = Blocks.onGenesis(30, 1);
        ready(BOB);
        sync(BOB, ours);
        List<Block> heavy = new ArrayList<>();
        BlockHeader parent = Network.REGTEST.genesis().header();
        for (int height = 1; height <= 32; height++) {
            Transaction coinbase = Blocks.coinbase(height, 2);
            TxOut bulk = new TxOut(Sat.ZERO, Script.of(Bytes.wrap(new byte[950_000])));
            List<TxOut> outputs = List.of(coinbase.outputs().getFirst(), bulk);
            heavy.add(
                    Blocks.block(
                            parent,
                            List.of(
                                    new Transaction(
                                            2, coinbase.inputs(), outputs, LockTime.NONE))));
            parent = heavy.getLast().header();
        }
        events.clear();
        List<PeerOutput> outputs = receive(BOB, new Headers(Blocks.headers(heavy)));
        int fit = (int) (BlockSync.MAX_BUFFERED / 950_000);
        List<PeerOutput> more = new ArrayList<>();
        for (Block block : heavy.subList(0, fit)) {
            more.addAll(receive(BOB, new BlockMessage(block)));
        }
        assertThat(events).as("there is room left").isEmpty();
        assertThat(asked(outputs, BOB)).hasSize(BlockFetcher.MAX_PER_PEER);
        more.addAll(0, outputs);
        serve(more, heavy.subList(fit, heavy.size()));
        assertThat(engine.activeTip().hash()).isEqualTo(heavy.getLast().hash());
        assertThat(events).startsWith("-30").endsWith("tip 32");
    }

    @Test
    void theForkOfMostWorkWinsAlsoIfItsBlocksComeLast() {
        List<Block> weak = Blocks.onGenesis(3, 1);
        List<Block> strong = Blocks.onGenesis(5, 2);
        ready(BOB);
        ready(CAROL);
        List<PeerOutput> toCarol = receive(CAROL, new Headers(Blocks.headers(strong)));
        sync(BOB, weak);
        assertThat(engine.activeTip().hash()).isEqualTo(weak.getLast().hash());
        serve(toCarol, strong);
        assertThat(engine.activeTip().hash()).isEqualTo(strong.getLast().hash());
    }

    @Test
    void aForkDeeperThanTheBufferIsStillFollowed() {
        List<Block> ours = Blocks.onGenesis(200, 1);
        List<Block> theirs = Blocks.onGenesis(210, 2);
        ready(BOB);
        sync(BOB, ours);
        events.clear();
        sync(BOB, theirs);
        assertThat(engine.activeTip().hash()).isEqualTo(theirs.getLast().hash());
        assertThat(events.stream().filter(event -> event.startsWith("-"))).hasSize(200);
        assertThat(events.stream().filter(event -> event.startsWith("+"))).hasSize(210);
    }

    @Test
    void aBlockWithOtherTransactionsThanItsHeaderSaysEndsTheConnectionAndIsAskedOfAnother() {
        List<Block> blocks = Blocks.onGenesis(1, 1);
        Block good = blocks.getFirst();
        Block forged =
                new Block(
                        good.header(), List.of(good.transactions().getFirst(), Blocks.payment(1)));
        ready(MALLORY);
        receive(MALLORY, new Headers(Blocks.headers(blocks)));
        ready(BOB);
        receive(BOB, new Headers(Blocks.headers(blocks)));
        List<PeerOutput> outputs = receive(MALLORY, new BlockMessage(forged));
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.INVALID_BLOCK);
        assertThat(asked(outputs, BOB)).containsExactly(good.hash());
        receive(BOB, new BlockMessage(good));
        assertThat(events).contains("+1");
    }

    @Test
    void aBlockThatRepeatsTransactionsIsRefusedAndTheTrueOneStillTaken() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        Transaction a = Blocks.payment(1);
        Transaction b = Blocks.payment(2);
        Block good = Blocks.block(genesis, List.of(Blocks.coinbase(1, 1), a, b));
        // CVE-2012-2459: the last of an odd row twice, the same root.
        Block mutated = new Block(good.header(), List.of(good.transactions().getFirst(), a, b, b));
        ready(MALLORY);
        receive(MALLORY, new Headers(List.of(good.header())));
        assertThat(dropped(receive(MALLORY, new BlockMessage(mutated)), MALLORY))
                .containsExactly(Code.INVALID_BLOCK);
        ready(BOB);
        sync(BOB, List.of(good));
        assertThat(engine.activeTip().hash()).isEqualTo(good.hash());
    }

    @Test
    void witnessesThatTheCoinbaseDoesNotCommitToAreRefused() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        Transaction payment = Blocks.payment(1).withWitness(0, List.of(Bytes.fromHex("01")));
        Block uncommitted = Blocks.block(genesis, List.of(Blocks.coinbase(1, 1), payment));
        ready(MALLORY);
        receive(MALLORY, new Headers(List.of(uncommitted.header())));
        assertThat(dropped(receive(MALLORY, new BlockMessage(uncommitted)), MALLORY))
                .containsExactly(Code.INVALID_BLOCK);
    }

    @Test
    void witnessesOtherThanTheCommittedOnesAreRefused() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        Transaction payment = Blocks.payment(1).withWitness(0, List.of(Bytes.fromHex("01")));
        Transaction coinbase = committing(List.of(Blocks.coinbase(1, 1), payment));
        Block good = Blocks.block(genesis, List.of(coinbase, payment));
        Block changed =
                new Block(
                        good.header(),
                        List.of(coinbase, payment.withWitness(0, List.of(Bytes.fromHex("02")))));
        ready(MALLORY);
        receive(MALLORY, new Headers(List.of(good.header())));
        assertThat(dropped(receive(MALLORY, new BlockMessage(changed)), MALLORY))
                .containsExactly(Code.INVALID_BLOCK);
        ready(BOB);
        sync(BOB, List.of(good));
        assertThat(events).contains("+1");
    }

    private static Transaction committing(List<Transaction> transactions) {
        Transaction coinbase = transactions.getFirst();
        Bytes reserved = Bytes.wrap(new byte[32]);
        TxOut commitment =
                new TxOut(
                        Sat.ZERO,
                        BlockCheck.commitmentScript(BlockCheck.commitment(transactions, reserved)));
        List<TxOut> outputs = List.of(coinbase.outputs().getFirst(), commitment);
        return new Transaction(2, coinbase.inputs(), outputs, LockTime.NONE)
                .withWitness(0, List.of(reserved));
    }

    @Test
    void aBlockWithoutCoinbaseCondemnsItsHeader() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        Block bad = Blocks.block(genesis, List.of(Blocks.payment(1)));
        ready(MALLORY);
        receive(MALLORY, new Headers(List.of(bad.header())));
        receive(MALLORY, new BlockMessage(bad));
        assertThat(engine.chain().tip().height()).isZero();
        ready(BOB);
        assertThat(dropped(receive(BOB, new Headers(List.of(bad.header()))), BOB))
                .containsExactly(Code.INVALID_HEADER);
    }

    @Test
    void aHeaderWithoutWorkEndsTheConnection() {
        BlockHeader genesis = Network.REGTEST.genesis().header();
        BlockHeader bad =
                Blocks.grind(Blocks.header(genesis, MerkleNode.ZERO, genesis.time() + 1), false);
        ready(MALLORY);
        assertThat(dropped(receive(MALLORY, new Headers(List.of(bad))), MALLORY))
                .containsExactly(Code.INVALID_HEADER);
    }

    @Test
    void headersThatHangInTheAirAreAskedAboutAndInTheEndEndTheConnection() {
        List<Block> blocks = Blocks.onGenesis(5, 1);
        Headers loose = new Headers(Blocks.headers(blocks.subList(4, 5)));
        ready(MALLORY);
        List<PeerOutput> outputs = List.of();
        for (int i = 0;
                i <= SyncEngine.MAX_UNCONNECTED && dropped(outputs, MALLORY).isEmpty();
                i++) {
            receive(MALLORY, new Headers(List.of()));
            outputs = receive(MALLORY, loose);
            assertThat(asksHeaders(outputs, MALLORY) || !dropped(outputs, MALLORY).isEmpty())
                    .isTrue();
        }
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.UNCONNECTED_HEADERS);
    }

    @Test
    void aBurstOfAnnouncementsThatOvertakesTheAnswerIsNoFault() {
        List<Block> blocks = Blocks.onGenesis(100, 1);
        ready(BOB);
        List<PeerOutput> outputs = new ArrayList<>();
        for (Block block : blocks.subList(10, 100)) {
            outputs.addAll(receive(BOB, new Headers(List.of(block.header()))));
        }
        assertThat(dropped(outputs, BOB)).isEmpty();
        sync(BOB, blocks);
        assertThat(engine.activeTip().height()).isEqualTo(100);
    }

    @Test
    void aNewBlockAnnouncedByInventoryIsAskedFor() {
        List<Block> blocks = Blocks.onGenesis(2, 1);
        ready(BOB);
        sync(BOB, blocks.subList(0, 1));
        Inv inv = new Inv(List.of(new InventoryItem.Block(blocks.get(1).hash(), false)));
        assertThat(asksHeaders(receive(BOB, inv), BOB)).isTrue();
        assertThat(asksHeaders(receive(BOB, inv), BOB)).as("one question at a time").isFalse();
        sync(BOB, blocks);
        assertThat(engine.activeTip().height()).isEqualTo(2);
    }

    @Test
    void aPeerThatDoesNotAnswerForHeadersIsAskedAgainGently() {
        ready(BOB);
        assertThat(asksHeaders(later(SETTINGS.pollHeaders().dividedBy(2)), BOB)).isFalse();
        List<PeerOutput> outputs = later(SETTINGS.pollHeaders());
        assertThat(asksHeaders(outputs, BOB)).isTrue();
        assertThat(dropped(outputs, BOB)).isEmpty();
    }

    @Test
    void aPeerThatStallsABlockIsLeftForAnother() {
        List<Block> blocks = Blocks.onGenesis(1, 1);
        ready(MALLORY);
        receive(MALLORY, new Headers(Blocks.headers(blocks)));
        ready(BOB);
        receive(BOB, new Headers(Blocks.headers(blocks)));
        List<PeerOutput> outputs = later(SETTINGS.blockDeadline());
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.BLOCK_STALLED);
        serve(outputs, blocks);
        assertThat(engine.activeTip().height()).isEqualTo(1);
    }

    @Test
    void aPeerThatAnnouncesWhatItDoesNotHaveIsNotAskedAgainUntilItAnnouncesAnew() {
        List<Block> blocks = Blocks.onGenesis(1, 1);
        ready(BOB);
        List<PeerOutput> outputs = receive(BOB, new Headers(Blocks.headers(blocks)));
        assertThat(asked(outputs, BOB)).hasSize(1);
        InventoryItem item = new InventoryItem.Block(blocks.getFirst().hash(), true);
        assertThat(asked(receive(BOB, new NotFound(List.of(item))), BOB)).isEmpty();
        sync(BOB, blocks);
        assertThat(engine.activeTip().height()).isEqualTo(1);
    }

    @Test
    void blocksNobodyAskedForEndTheConnection() {
        ready(MALLORY);
        Block block = Blocks.onGenesis(1, 1).getFirst();
        List<PeerOutput> outputs = List.of();
        for (int i = 0; i <= SyncEngine.MAX_UNREQUESTED; i++) {
            assertThat(outputs).isEmpty();
            outputs = receive(MALLORY, new BlockMessage(block));
        }
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.UNREQUESTED);
    }

    @Test
    void aFloodOfInventoriesEndsTheConnection() {
        ready(MALLORY);
        Inv full =
                new Inv(
                        Collections.nCopies(
                                P2pMessage.MAX_INVENTORY,
                                new InventoryItem.Transaction(Txid.ZERO, false)));
        List<PeerOutput> outputs = List.of();
        for (long paid = 0; paid <= RateLimiter.CAPACITY && outputs.isEmpty(); paid += 501) {
            outputs = receive(MALLORY, full);
        }
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.FLOODING);
    }

    @Test
    void askingForMoreThanWeEverAnnounceEndsTheConnection() {
        ready(MALLORY);
        InventoryItem nothing = new InventoryItem.Transaction(Txid.ZERO, false);
        GetData most = new GetData(Collections.nCopies(SyncEngine.MAX_WANTED, nothing));
        assertThat(receive(MALLORY, most))
                .containsExactly(new Send(MALLORY, new P2pMessage.NotFound(most.items())));
        GetData more = new GetData(Collections.nCopies(SyncEngine.MAX_WANTED + 1, nothing));
        assertThat(dropped(receive(MALLORY, more), MALLORY)).containsExactly(Code.FLOODING);
    }

    @Test
    void theSameHeadersAgainAndAgainEndTheConnection() {
        List<BlockHeader> full = Blocks.headers(Blocks.onGenesis(P2pMessage.MAX_HEADERS, 1));
        ready(MALLORY);
        List<PeerOutput> outputs = receive(MALLORY, new Headers(full));
        for (long paid = 0;
                paid <= RateLimiter.CAPACITY + 42 && dropped(outputs, MALLORY).isEmpty();
                paid += 21) {
            outputs = receive(MALLORY, new Headers(full));
        }
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.FLOODING);
    }

    @Test
    void headersThatHangInTheAirAreNotFreeWhileAnAnswerIsAwaited() {
        Headers loose = new Headers(Blocks.headers(Blocks.onGenesis(5, 1).subList(4, 5)));
        ready(MALLORY);
        List<PeerOutput> outputs = List.of();
        for (long paid = 0; paid <= RateLimiter.CAPACITY + 2 && outputs.isEmpty(); paid++) {
            outputs = receive(MALLORY, loose);
        }
        assertThat(dropped(outputs, MALLORY)).containsExactly(Code.FLOODING);
    }

    @Test
    void anHonestPeerMayBeAsFastAsItCan() {
        List<Block> blocks = Blocks.onGenesis(RateLimiter.CAPACITY + 100, 1);
        ready(BOB);
        for (int from = 0; from < blocks.size(); from += P2pMessage.MAX_HEADERS) {
            int to = Math.min(blocks.size(), from + P2pMessage.MAX_HEADERS);
            receive(BOB, new Headers(Blocks.headers(blocks.subList(from, to))));
        }
        while (engine.activeTip().height() < blocks.size()) {
            int next = engine.activeTip().height();
            assertThat(receive(BOB, new BlockMessage(blocks.get(next))))
                    .noneMatch(Disconnect.class::isInstance);
            assertThat(engine.activeTip().height()).isEqualTo(next + 1);
        }
    }

    @Test
    void aSilentPeerIsAskedAndThenLeft() {
        ready(BOB);
        now = now.plus(SETTINGS.pingAfter());
        List<PeerOutput> outputs = later(Duration.ofSeconds(1));
        assertThat(outputs.stream().filter(a -> a instanceof Send(long _, Ping _))).hasSize(1);
        assertThat(dropped(later(SETTINGS.pingDeadline().plusSeconds(1)), BOB))
                .containsExactly(Code.SILENT);
    }

    @Test
    void aPingIsAnsweredAndAnAnswerKeepsTheConnection() {
        ready(BOB);
        assertThat(receive(BOB, new Ping(7))).containsExactly(new Send(BOB, new Pong(7)));
        now = now.plus(SETTINGS.pingAfter());
        later(Duration.ofSeconds(1));
        receive(BOB, new Pong(0));
        assertThat(dropped(later(SETTINGS.pingDeadline().plusSeconds(1)), BOB)).isEmpty();
    }

    @Test
    void whatComesFromADroppedPeerIsNotHeard() {
        ready(MALLORY);
        receive(MALLORY, new P2pMessage.Verack());
        assertThat(receive(MALLORY, new Ping(1))).isEmpty();
        on(
                engine,
                new SyncInput.PeerGone(
                        MALLORY, "peer3", new DisconnectReason(Code.HANDSHAKE_ORDER, "")),
                now);
        assertThat(events).endsWith("lost peer3 HANDSHAKE_ORDER");
    }

    @Test
    void aPeerThatTakesNoTransactionsIsToldOfNone() {
        PendingTransaction pending = PendingTransaction.of(Blocks.payment(1));
        on(engine, new SyncInput.Broadcast(pending, Optional.empty()), now);
        P2pMessage.Version blocksOnly =
                new P2pMessage.Version(70_016, 9, 0, BOB, "/blocksonly/", 0, false);
        List<PeerOutput> outputs = on(engine, new SyncInput.PeerReady(BOB, "bob", blocksOnly), now);
        outputs.addAll(later(Duration.ofMinutes(5)));
        assertThat(outputs)
                .noneMatch(output -> output instanceof Send(long _, Inv _))
                .noneMatch(output -> output instanceof Send(long _, P2pMessage.TxMessage _));
        ready(CAROL);
        assertThat(later(Duration.ofSeconds(1)))
                .anyMatch(output -> output instanceof Send(long _, Inv _));
    }

    @Test
    void aPeerThatSendsBlockAfterBlockSlowlyIsNotStalled() {
        List<Block> blocks = Blocks.onGenesis(16, 1);
        ready(BOB);
        List<PeerOutput> outputs = receive(BOB, new Headers(Blocks.headers(blocks)));
        assertThat(asked(outputs, BOB)).hasSize(16);
        List<PeerOutput> all = new ArrayList<>();
        for (Block block : blocks) {
            all.addAll(later(SETTINGS.blockDeadline().minusSeconds(1)));
            all.addAll(receive(BOB, new BlockMessage(block)));
        }
        assertThat(dropped(all, BOB)).isEmpty();
        assertThat(engine.activeTip().height()).isEqualTo(16);
    }

    @Test
    void whatWaitsForItsTurnIsBoundedAndTheRestIsAskedForAgain() {
        List<Block> heavy = new ArrayList<>();
        BlockHeader parent = Network.REGTEST.genesis().header();
        for (int height = 1; height <= 16; height++) {
            Transaction payment =
                    Blocks.payment(height).withWitness(0, List.of(Bytes.wrap(new byte[3_500_000])));
            Transaction coinbase = committing(List.of(Blocks.coinbase(height, 2), payment));
            heavy.add(Blocks.block(parent, List.of(coinbase, payment)));
            parent = heavy.getLast().header();
        }
        ready(BOB);
        List<PeerOutput> first = receive(BOB, new Headers(Blocks.headers(heavy)));
        List<PeerOutput> outputs = new ArrayList<>();
        long sent = 0;
        for (Block block : heavy.subList(1, 16).reversed()) {
            outputs.addAll(receive(BOB, new BlockMessage(block)));
            sent += block.serialize().length();
            assertThat(engine.heldBytes())
                    .isLessThanOrEqualTo(Math.min(sent, BlockFetcher.MAX_HELD));
        }
        assertThat(asked(first, BOB)).hasSize(16);
        assertThat(dropped(outputs, BOB)).isEmpty();
        outputs.addAll(receive(BOB, new BlockMessage(heavy.getFirst())));
        serve(outputs, heavy);
        assertThat(engine.activeTip().height()).isEqualTo(16);
    }

    @Test
    void aSignetsTipIsVerifiedWhereNoBlocksAreWantedAndWhateverHeadersOthersMake() {
        Network signet = Network.REGTEST.toBuilder().signetChallenge(Script.fromHex("51")).build();
        SyncEngine target =
                new SyncEngine(
                        new HeaderChain(signet, new SplittableRandom(1)),
                        Birthday.never(),
                        SETTINGS,
                        new SplittableRandom(1));
        List<Block> honest = signed(9);
        on(target, new SyncInput.PeerReady(MALLORY, "mallory", version()), now);
        on(target, new SyncInput.PeerReady(BOB, "bob", version()), now);
        headers(target, MALLORY, Blocks.onGenesis(40, 7));
        List<PeerOutput> outputs = headers(target, BOB, honest);
        List<BlockHash> asked = asked(outputs, BOB);
        assertThat(asked).hasSize(6);
        for (Block block : honest.subList(3, 9)) {
            on(target, new SyncInput.Received(BOB, new BlockMessage(block)), now);
        }
        assertThat(target.chain().tip().hash()).isEqualTo(honest.getLast().hash());
    }

    /// Blocks whose coinbase commits to no witnesses but has what a signet asks for.
    private static List<Block> signed(int count) {
        List<Block> blocks = new ArrayList<>();
        BlockHeader parent = Network.REGTEST.genesis().header();
        for (int height = 1; height <= count; height++) {
            blocks.add(
                    Blocks.block(parent, List.of(committing(List.of(Blocks.coinbase(height, 3))))));
            parent = blocks.getLast().header();
        }
        return blocks;
    }

    @Test
    void aPeerThatIsNoLongerNamedIsLeftAlsoIfItWasBeingDialled() {
        PeerAddress bob = new PeerAddress("bob", 1);
        PeerAddress carol = new PeerAddress("carol", 1);
        PeerAddress dave = new PeerAddress("dave", 1);
        HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));
        SyncEngine target =
                new SyncEngine(
                        chain,
                        Birthday.atStart(),
                        SETTINGS,
                        new SplittableRandom(1),
                        List.of(bob, carol));
        assertThat(target.on(new SyncInput.Tick(), now))
                .contains(new SyncOutput.Dial(bob), new SyncOutput.Dial(carol));
        target.on(new SyncInput.PeerReady(BOB, "bob:1", version()), now);

        assertThat(target.on(new SyncInput.Configured(List.of(dave)), now)).contains(left(BOB));
        assertThat(target.on(new SyncInput.PeerReady(CAROL, "carol:1", version()), now))
                .contains(left(CAROL))
                .doesNotContain(
                        new SyncOutput.ToListener(
                                new ChainEvent.PeerConnected("carol:1", "/test/")));

        target.on(new SyncInput.PeerGone(BOB, "bob:1", NO_LONGER), now);
        target.on(new SyncInput.PeerGone(CAROL, "carol:1", NO_LONGER), now);
        now = now.plus(Duration.ofHours(1));
        assertThat(target.on(new SyncInput.Tick(), now))
                .contains(new SyncOutput.Dial(dave))
                .doesNotContain(new SyncOutput.Dial(bob), new SyncOutput.Dial(carol));
    }

    private static final DisconnectReason NO_LONGER =
            new DisconnectReason(Code.SHUTDOWN, "no longer configured");

    private static SyncOutput left(long peer) {
        return new SyncOutput.ToPeer(new Disconnect(peer, NO_LONGER));
    }
}
