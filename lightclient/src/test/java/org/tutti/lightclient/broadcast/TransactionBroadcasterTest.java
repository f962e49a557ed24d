package org.tutti.lightclient.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.RejectCode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

class TransactionBroadcasterTest {
    private static final long BOB = 1;
    private static final Transaction PAYMENT = Blocks.payment(1);
    private static final Txid TXID = PAYMENT.txid();

    private final List<BroadcastResult> results = new ArrayList<>();
    private final TransactionBroadcaster broadcaster =
            new TransactionBroadcaster(new SplittableRandom(1));
    private Instant now = Instant.ofEpochSecond(1_800_000_000L);

    /// Keeps the reports in `results`.
    ///
    /// @return the rest
    private List<PeerOutput> take(List<BroadcastOutput> outputs) {
        List<PeerOutput> toPeers = new ArrayList<>();
        for (BroadcastOutput output : outputs) {
            switch (output) {
                case BroadcastOutput.ToPeer(PeerOutput toPeer) -> toPeers.add(toPeer);
                case BroadcastOutput.Report(BroadcastResult result) -> results.add(result);
            }
        }
        return toPeers;
    }

    private List<PeerOutput> later(Duration time) {
        now = now.plus(time);
        return take(broadcaster.onTick(now));
    }

    private List<PeerOutput> ask() {
        GetData wanted = new GetData(List.of(new InventoryItem.Transaction(TXID, true)));
        return take(broadcaster.onGetData(BOB, wanted, now, new ArrayList<>()));
    }

    private static List<P2pMessage> sent(List<PeerOutput> outputs) {
        return outputs.stream().map(output -> ((Send) output).message()).toList();
    }

    private static long pingNonce(List<PeerOutput> outputs) {
        return ((Ping) sent(outputs).getLast()).nonce();
    }

    private List<PeerOutput> offered() {
        broadcaster.peerReady(BOB, "bob", now);
        broadcaster.add(PAYMENT, now);
        return take(broadcaster.onTick(now));
    }

    @Test
    void announcedThenServedThenAnsweredMeansAccepted() {
        assertThat(sent(offered()))
                .containsExactly(new Inv(List.of(new InventoryItem.Transaction(TXID, false))));
        List<PeerOutput> served = ask();
        assertThat(sent(served).getFirst()).isEqualTo(new TxMessage(PAYMENT));
        assertThat(results).isEmpty();
        take(broadcaster.onPong(BOB, pingNonce(served)));
        assertThat(results).containsExactly(new BroadcastResult.Accepted(TXID, "bob"));
    }

    @Test
    void whoDoesNotAskGetsItUnasked() {
        offered();
        assertThat(later(TransactionBroadcaster.ASK_DEADLINE.minusMillis(1))).isEmpty();
        assertThat(sent(later(Duration.ofMillis(1))).getFirst()).isEqualTo(new TxMessage(PAYMENT));
        assertThat(later(TransactionBroadcaster.ASK_DEADLINE)).isEmpty();
    }

    @Test
    void aRejectIsReportedInThePeersWordsAndThePongBehindItSaysNothing() {
        offered();
        List<PeerOutput> served = ask();
        take(
                broadcaster.onReject(
                        BOB, new Reject("tx", RejectCode.INVALID, "bad signature", TXID.bytes())));
        take(broadcaster.onPong(BOB, pingNonce(served)));
        assertThat(results)
                .containsExactly(
                        new BroadcastResult.Refused(
                                TXID, "bob", RejectCode.INVALID, "bad signature"));
    }

    @Test
    void alreadyThereIsAccepted() {
        offered();
        ask();
        take(
                broadcaster.onReject(
                        BOB,
                        new Reject(
                                "tx",
                                RejectCode.DUPLICATE,
                                "txn-already-in-mempool",
                                TXID.bytes())));
        assertThat(results).containsExactly(new BroadcastResult.Accepted(TXID, "bob"));
    }

    @Test
    void anotherSpendOfTheSameCoinIsNotAlreadyThere() {
        offered();
        ask();
        take(
                broadcaster.onReject(
                        BOB,
                        new Reject(
                                "tx", RejectCode.DUPLICATE, "txn-mempool-conflict", TXID.bytes())));
        assertThat(results.getFirst()).isInstanceOf(BroadcastResult.Refused.class);
    }

    @Test
    void aRejectNobodyWasWaitingForSaysNothing() {
        offered();
        take(
                broadcaster.onReject(
                        BOB, new Reject("tx", RejectCode.INVALID, "early", TXID.bytes())));
        take(
                broadcaster.onReject(
                        BOB, new Reject("tx", RejectCode.INVALID, "other", Txid.ZERO.bytes())));
        assertThat(results).isEmpty();
    }

    @Test
    void aPeerThatComesLaterHearsOfIt() {
        broadcaster.add(PAYMENT, now);
        broadcaster.onTick(now);
        assertThat(broadcaster.peerReady(BOB, "bob", now)).hasSize(1);
    }

    @Test
    void itIsAnnouncedAgainUntilMinedAndAgainAfterAReorganisation() {
        offered();
        ask();
        assertThat(later(TransactionBroadcaster.REPEAT)).hasSize(1);
        take(broadcaster.blockConnected(9, Set.of(TXID)));
        assertThat(results).contains(new BroadcastResult.Mined(TXID, 9));
        assertThat(later(TransactionBroadcaster.REPEAT)).isEmpty();
        broadcaster.blockDisconnected(9);
        assertThat(later(Duration.ZERO)).hasSize(1);
    }

    @Test
    void itIsForgottenWhenBuried() {
        offered();
        take(broadcaster.blockConnected(9, Set.of(TXID)));
        for (int height = 10; height < 9 + TransactionBroadcaster.BURIED; height++) {
            assertThat(broadcaster.find(TXID)).isPresent();
            take(broadcaster.blockConnected(height, Set.of()));
        }
        assertThat(broadcaster.find(TXID)).isEmpty();
    }

    @Test
    void afterTooManyAnnouncementsItIsGivenUp() {
        offered();
        for (int i = 0; i < TransactionBroadcaster.MAX_ANNOUNCEMENTS; i++) {
            later(TransactionBroadcaster.REPEAT);
        }
        assertThat(results).containsOnlyOnce(new BroadcastResult.GivenUp(TXID));
        assertThat(broadcaster.find(TXID)).isEmpty();
    }

    @Test
    void noMoreThanTheBoundAreFollowed() {
        for (int i = 0; i < TransactionBroadcaster.MAX_TRANSACTIONS; i++) {
            assertThat(broadcaster.add(Blocks.payment(i), now)).isTrue();
        }
        assertThat(broadcaster.add(Blocks.payment(TransactionBroadcaster.MAX_TRANSACTIONS), now))
                .isFalse();
        assertThat(broadcaster.add(Blocks.payment(0), now)).as("known already").isTrue();
    }

    @Test
    void whatWeDoNotHaveIsSaidToBeMissing() {
        List<InventoryItem> missing = new ArrayList<>();
        InventoryItem item = new InventoryItem.Transaction(TXID, false);
        broadcaster.onGetData(BOB, new GetData(List.of(item)), now, missing);
        assertThat(missing).containsExactly(item);
    }
}
