package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.internal.peers.PeerOutput.Disconnect;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.FeeFilter;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// What the engine leads to the broadcaster, and what of it.
class SyncEngineBroadcastTest {
    private static final long BOB = 1;
    private static final long CAROL = 2;
    private static final long MALLORY = 3;
    private static final Transaction PAYMENT =
            Blocks.payment(1).withWitness(0, List.of(Bytes.of(new byte[64])));

    private final SyncEngine engine =
            new SyncEngine(
                    new HeaderChain(Network.REGTEST, new SplittableRandom(1)),
                    Birthday.atStart(),
                    SyncSettings.DEFAULTS,
                    new SplittableRandom(1));
    private final List<BroadcastEvent> events = new ArrayList<>();
    private Instant now = Instant.ofEpochSecond(1_800_000_000L);

    private List<SyncOutput> on(SyncInput input) {
        List<SyncOutput> outputs = engine.on(input, now);
        for (SyncOutput output : outputs) {
            if (output instanceof SyncOutput.ToListener(ChainEvent.Broadcast(var event))) {
                events.add(event);
            }
        }
        return outputs;
    }

    private void ready(long peer, boolean relay, boolean wtxids) {
        P2pMessage.Version version = new P2pMessage.Version(70_016, 9, 0, peer, "/t/", 0, relay);
        on(new SyncInput.PeerReady(peer, "peer" + peer, version, wtxids));
        later(Duration.ofSeconds(1));
    }

    private List<SyncOutput> later(Duration time) {
        now = now.plus(time);
        return on(new SyncInput.Tick());
    }

    private List<SyncOutput> receive(long peer, P2pMessage message) {
        return on(new SyncInput.Received(peer, message));
    }

    private List<SyncOutput> broadcast(Transaction transaction) {
        return broadcast(transaction, Optional.empty());
    }

    private List<SyncOutput> broadcast(Transaction transaction, Optional<BlockHash> minedIn) {
        return on(new SyncInput.Broadcast(PendingTransaction.of(transaction), minedIn));
    }

    private void sync(List<Block> blocks) {
        receive(BOB, new Headers(Blocks.headers(blocks)));
        blocks.forEach(block -> receive(BOB, new BlockMessage(block)));
    }

    private static List<P2pMessage> sent(List<SyncOutput> outputs, long peer) {
        List<P2pMessage> sent = new ArrayList<>();
        for (SyncOutput output : outputs) {
            if (output instanceof SyncOutput.ToPeer(Send(long to, P2pMessage message))
                    && to == peer) {
                sent.add(message);
            }
        }
        return sent;
    }

    private static Optional<Code> dropped(List<SyncOutput> outputs) {
        return outputs.stream()
                .filter(output -> output instanceof SyncOutput.ToPeer(Disconnect _))
                .map(output -> ((SyncOutput.ToPeer) output).output())
                .map(output -> ((Disconnect) output).reason().code())
                .findFirst();
    }

    private static Inv named(Transaction transaction) {
        return new Inv(List.of(new InventoryItem.Transaction(transaction.txid(), false)));
    }

    @Test
    void whoDoesNotTakeTransactionsIsNotTold() {
        ready(MALLORY, false, false);
        ready(BOB, true, false);
        List<SyncOutput> outputs = new ArrayList<>(broadcast(PAYMENT));
        for (int i = 0; i < 60; i++) {
            outputs.addAll(later(Duration.ofSeconds(1)));
        }
        assertThat(sent(outputs, BOB)).contains(named(PAYMENT));
        assertThat(sent(outputs, MALLORY))
                .noneMatch(message ->
                        message instanceof Inv
                                || message instanceof TxMessage
                                || message instanceof FeeFilter);
    }

    @Test
    void whoSpeaksOfWtxidsIsToldByThem() {
        ready(BOB, true, true);
        assertThat(sent(broadcast(PAYMENT), BOB))
                .contains(new Inv(List.of(new InventoryItem.TransactionByWtxid(PAYMENT.wtxid()))));
    }

    @Test
    void itIsSavedBeforeItIsAnnounced() {
        ready(BOB, true, false);
        List<SyncOutput> outputs = broadcast(PAYMENT);
        int saved =
                outputs.indexOf(
                        new SyncOutput.SavePending(List.of(PendingTransaction.of(PAYMENT))));
        int announced = outputs.indexOf(new SyncOutput.ToPeer(new Send(BOB, named(PAYMENT))));
        assertThat(saved).isNotNegative().isLessThan(announced);
    }

    @Test
    void whatWasSavedGoesOnAfterARestart() {
        on(new SyncInput.Resume(List.of(PendingTransaction.of(PAYMENT))));
        ready(BOB, true, false);
        assertThat(events)
                .first()
                .isInstanceOfSatisfying(
                        BroadcastEvent.Announced.class,
                        event -> assertThat(event.peer()).isEqualTo("peer1"));
    }

    @Test
    void itIsAskedForServedServedBackDeniedAndSeen() {
        ready(BOB, true, false);
        ready(CAROL, true, false);
        List<SyncOutput> outputs = broadcast(PAYMENT);
        long told = sent(outputs, BOB).contains(named(PAYMENT)) ? BOB : CAROL;
        long held = told == BOB ? CAROL : BOB;
        GetData wanted = new GetData(List.of(new InventoryItem.Transaction(PAYMENT.txid(), true)));
        assertThat(sent(receive(told, wanted), told)).contains(new TxMessage(PAYMENT));
        assertThat(sent(later(Duration.ofSeconds(1)), told)).contains(wanted);
        receive(told, new TxMessage(PAYMENT));
        receive(held, named(PAYMENT));
        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactlyInAnyOrder(
                        "Announced", "HeldBack", "Requested", "Accepted", "Seen");
    }

    @Test
    void aDenialIsHeard() {
        ready(BOB, true, false);
        broadcast(PAYMENT);
        List<InventoryItem> wanted = List.of(new InventoryItem.Transaction(PAYMENT.txid(), true));
        receive(BOB, new GetData(wanted));
        for (int i = 0; i < 15; i++) {
            later(Duration.ofSeconds(1));
            receive(BOB, new NotFound(wanted));
        }
        assertThat(events).last().isEqualTo(new BroadcastEvent.Dropped(PAYMENT.txid(), "peer1"));
    }

    @Test
    void transactionsThatNobodyAskedForEndTheConnectionInTheEnd() {
        ready(MALLORY, true, false);
        for (int i = 0; i < SyncEngine.MAX_UNREQUESTED_TRANSACTIONS; i++) {
            assertThat(dropped(receive(MALLORY, new TxMessage(PAYMENT)))).isEmpty();
        }
        assertThat(dropped(receive(MALLORY, new TxMessage(PAYMENT)))).contains(Code.UNREQUESTED);
    }

    @Test
    void aFeeFilterIsHeard() {
        ready(BOB, true, false);
        receive(BOB, new FeeFilter(1_000_000));
        on(new SyncInput.Broadcast(PendingTransaction.of(PAYMENT, Sat.of(1)), Optional.empty()));
        assertThat(events)
                .containsExactly(
                        new BroadcastEvent.BelowFeeFilter(PAYMENT.txid(), "peer1", 1_000_000));
    }

    @Test
    void aBlockThatSpendsItsCoinOtherwiseEndsItAndAForkTakesThatBack() {
        Transaction other =
                new Transaction(
                        2,
                        PAYMENT.inputs().stream().map(i -> i.withWitness(List.of())).toList(),
                        List.of(new TxOut(Sat.of(5), Script.fromHex("51"))),
                        LockTime.NONE);
        Block spending =
                Blocks.block(
                        Network.REGTEST.genesisHeader(), List.of(Blocks.coinbase(1, 1), other));
        ready(BOB, true, false);
        broadcast(PAYMENT);
        sync(List.of(spending));
        assertThat(events).last().isInstanceOf(BroadcastEvent.Conflicted.class);
        events.clear();
        sync(Blocks.onGenesis(2, 2));
        assertThat(events).containsExactly(new BroadcastEvent.Reopened(PAYMENT.txid(), 1));
        assertThat(sent(later(Duration.ofSeconds(1)), BOB)).contains(named(PAYMENT));
    }

    @Test
    void whatOurTipDoesNotAllowYetIsRefused() {
        ready(BOB, true, false);
        sync(Blocks.onGenesis(5, 1));
        TxIn input = TxIn.unsigned(PAYMENT.inputs().getFirst().outPoint(), Sequence.REPLACEABLE);
        Transaction next = new Transaction(2, List.of(input), PAYMENT.outputs(), LockTime.of(5));
        Transaction later = new Transaction(2, List.of(input), PAYMENT.outputs(), LockTime.of(6));
        events.clear();
        assertThat(sent(broadcast(later), BOB)).isEmpty();
        assertThat(events)
                .first()
                .isInstanceOfSatisfying(
                        BroadcastEvent.NotTaken.class,
                        event -> assertThat(event.fault()).isEqualTo(BroadcastFault.NOT_FINAL));
        assertThat(sent(broadcast(next), BOB)).contains(named(next));
    }

    @Test
    void whatIsInABlockOfOurChainAlreadyIsNotAnnouncedButWhatABlockHadThatWeLeftIs() {
        Block paying =
                Blocks.block(
                        Network.REGTEST.genesisHeader(), List.of(Blocks.coinbase(1, 1), PAYMENT));
        // The witness has no commitment: the block is without it.
        Block plain =
                Blocks.block(
                        Network.REGTEST.genesisHeader(),
                        List.of(Blocks.coinbase(1, 1), Blocks.payment(1)));
        assertThat(paying.hash()).isEqualTo(plain.hash());
        ready(BOB, true, false);
        sync(List.of(plain));
        assertThat(sent(broadcast(PAYMENT, Optional.of(plain.hash())), BOB)).isEmpty();
        assertThat(events).containsExactly(new BroadcastEvent.Confirmed(PAYMENT.txid(), 1));

        sync(Blocks.onGenesis(2, 2));
        Transaction second = Blocks.payment(2);
        assertThat(sent(broadcast(second, Optional.of(plain.hash())), BOB)).contains(named(second));
    }

    @Test
    void namesOfUnknownTransactionsAreHeardAndForgotten() {
        ready(MALLORY, true, false);
        broadcast(PAYMENT);
        events.clear();
        List<InventoryItem> strange = new ArrayList<>();
        for (int i = 0; i < P2pMessage.MAX_INVENTORY; i++) {
            strange.add(new InventoryItem.Transaction(Blocks.payment(2).txid(), false));
        }
        List<PeerOutput> outputs =
                receive(MALLORY, new Inv(strange)).stream()
                        .filter(SyncOutput.ToPeer.class::isInstance)
                        .map(output -> ((SyncOutput.ToPeer) output).output())
                        .toList();
        assertThat(outputs).isEmpty();
        assertThat(events).isEmpty();
    }
}
