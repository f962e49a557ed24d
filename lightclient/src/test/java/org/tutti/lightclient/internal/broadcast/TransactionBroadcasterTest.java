package org.tutti.lightclient.internal.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.FeeFilter;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.RejectCode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// The broadcaster with scripted peers and a clock turned by hand. Peer 1 is bob, peer 2 carol,
/// peer 3 mallory. One responsibility: what becomes known of one transaction after each message and
/// moment, so that all cases begin with the same offer to the same peers.
class TransactionBroadcasterTest {
    private static final long BOB = 1;
    private static final long CAROL = 2;
    private static final long MALLORY = 3;
    private static final TransactionRelay BY_TXID = new TransactionRelay(true, false);
    private static final TransactionRelay BY_WTXID = new TransactionRelay(true, true);
    private static final Transaction PAYMENT =
            Blocks.payment(1).withWitness(0, List.of(Bytes.of(new byte[64])));
    private static final Txid TXID = PAYMENT.txid();
    private static final InventoryItem NAME = new InventoryItem.Transaction(TXID, false);
    private static final InventoryItem WANTED = new InventoryItem.Transaction(TXID, true);
    private static final InventoryItem WTXID =
            new InventoryItem.TransactionByWtxid(PAYMENT.wtxid());

    private final TransactionBroadcaster broadcaster =
            new TransactionBroadcaster(new SplittableRandom(1));
    private final List<BroadcastEvent> events = new ArrayList<>();
    private final List<List<PendingTransaction>> saved = new ArrayList<>();
    private Instant now = Instant.ofEpochSecond(1_800_000_000L);

    // --- the script's verbs. Each answers with what is sent to peers, but for our own fee filters.

    private final List<Send> filters = new ArrayList<>();

    private List<Send> take(List<BroadcastOutput> outputs) {
        List<Send> toPeers = new ArrayList<>();
        for (BroadcastOutput output : outputs) {
            switch (output) {
                case BroadcastOutput.ToPeer(var toPeer) -> {
                    Send send = (Send) toPeer;
                    (send.message() instanceof FeeFilter ? filters : toPeers).add(send);
                }
                case BroadcastOutput.Report(BroadcastEvent event) -> events.add(event);
                case BroadcastOutput.Save(List<PendingTransaction> pending) -> saved.add(pending);
            }
        }
        return toPeers;
    }

    private static String name(long peer) {
        return "peer" + peer;
    }

    private List<Send> ready(long peer, TransactionRelay relay) {
        return take(broadcaster.peerReady(peer, name(peer), relay, now));
    }

    /// Peers that have been here for longer than their grace.
    private void ready(long... peers) {
        for (long peer : peers) {
            ready(peer, BY_TXID);
        }
        later(TransactionBroadcaster.FEE_FILTER_GRACE);
    }

    private List<Send> add(PendingTransaction pending) {
        return take(broadcaster.add(pending, 100, 1_700_000_000L, Optional.empty(), now));
    }

    private List<Send> add(Transaction transaction) {
        return add(PendingTransaction.of(transaction));
    }

    private List<Send> later(Duration time) {
        now = now.plus(time);
        return take(broadcaster.onTick(now));
    }

    /// Second by second, as the driver does it.
    private List<Send> laterStepByStep(Duration time) {
        List<Send> all = new ArrayList<>();
        for (long second = 0; second < time.toSeconds(); second++) {
            all.addAll(later(Duration.ofSeconds(1)));
        }
        return all;
    }

    private List<Send> asks(long peer, InventoryItem item) {
        return take(
                broadcaster.onGetData(peer, new GetData(List.of(item)), now, new ArrayList<>()));
    }

    private List<Send> asks(long peer) {
        return asks(peer, WANTED);
    }

    private List<Send> announces(long peer, InventoryItem... items) {
        return take(broadcaster.onInv(peer, new Inv(List.of(items)), now));
    }

    /// @return whether we had asked for it
    private boolean sends(long peer, Transaction transaction) {
        Optional<List<BroadcastOutput>> outputs = broadcaster.onTransaction(peer, transaction);
        outputs.ifPresent(this::take);
        return outputs.isPresent();
    }

    private void hasNot(long peer) {
        take(broadcaster.onNotFound(peer, new NotFound(List.of(WANTED)), now));
    }

    private void rejects(long peer, int code, String reason) {
        take(broadcaster.onReject(peer, new Reject("tx", code, reason, TXID.bytes())));
    }

    private void connect(int height, Transaction... transactions) {
        List<Transaction> all = new ArrayList<>(List.of(Blocks.coinbase(height, 1)));
        all.addAll(List.of(transactions));
        Block block = Blocks.block(Network.REGTEST.genesis().header(), all);
        take(broadcaster.blockConnected(height, block, block.txids()));
    }

    private List<Send> disconnect(int height) {
        return take(broadcaster.blockDisconnected(height));
    }

    private static List<Long> told(List<Send> outputs, InventoryItem item) {
        return outputs.stream()
                .filter(send ->
                        send.message() instanceof Inv(List<InventoryItem> items)
                                && items.contains(item))
                .map(Send::peer)
                .toList();
    }

    private static List<Long> told(List<Send> outputs) {
        return told(outputs, NAME);
    }

    private static List<Long> asked(List<Send> outputs) {
        return outputs.stream()
                .filter(send -> send.message() instanceof GetData)
                .map(Send::peer)
                .toList();
    }

    private static List<Long> given(List<Send> outputs) {
        return outputs.stream()
                .filter(send -> send.message() instanceof TxMessage)
                .map(Send::peer)
                .toList();
    }

    private static Reach reach(int announced, int requested, int accepted, int seen) {
        return new Reach(announced, requested, accepted, seen);
    }

    private Reach reach() {
        return broadcaster.reach(TXID).orElseThrow();
    }

    private <T extends BroadcastEvent> List<T> told(Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static Transaction conflicting() {
        TxOut output = new TxOut(Sat.of(500), Script.fromHex("51"));
        return new Transaction(2, PAYMENT.inputs(), List.of(output), LockTime.NONE);
    }

    // --- announced, requested

    @Test
    void thePeerIsToldAsksAndIsServedAndThatIsAllThatIsKnown() {
        ready(BOB);
        List<Send> outputs = add(PAYMENT);
        assertThat(outputs).containsExactly(new Send(BOB, new Inv(List.of(NAME))));
        assertThat(events)
                .containsExactly(new BroadcastEvent.Announced(TXID, "peer1", reach(1, 0, 0, 0)));
        events.clear();
        assertThat(asks(BOB)).containsExactly(new Send(BOB, new TxMessage(PAYMENT)));
        assertThat(events)
                .containsExactly(new BroadcastEvent.Requested(TXID, "peer1", reach(1, 1, 0, 0)));
    }

    @Test
    void whereBothSidesSpeakOfWtxidsTheyAreUsed() {
        ready(BOB, BY_WTXID);
        later(TransactionBroadcaster.FEE_FILTER_GRACE);
        assertThat(told(add(PAYMENT), WTXID)).containsExactly(BOB);
        assertThat(given(asks(BOB, WTXID))).containsExactly(BOB);
        assertThat(later(Duration.ofSeconds(1)))
                .containsExactly(new Send(BOB, new GetData(List.of(WTXID))));
        assertThat(sends(BOB, PAYMENT)).isTrue();
        assertThat(told(BroadcastEvent.Accepted.class)).hasSize(1);
    }

    @Test
    void aPeerThatTakesNoTransactionsNeverHearsOfAny() {
        ready(MALLORY, TransactionRelay.NONE);
        later(TransactionBroadcaster.FEE_FILTER_GRACE);
        List<Send> outputs = new ArrayList<>(add(PAYMENT));
        outputs.addAll(laterStepByStep(Duration.ofMinutes(5)));
        connect(7);
        outputs.addAll(laterStepByStep(Duration.ofMinutes(5)));
        assertThat(outputs).isEmpty();
        assertThat(filters).as("nor of fees").isEmpty();
        assertThat(events).as("nobody was told, so nobody failed to ask").isEmpty();
    }

    @Test
    void aPeerThatComesLaterHearsOfIt() {
        add(PAYMENT);
        assertThat(told(ready(BOB, BY_TXID))).isEmpty();
        assertThat(told(later(TransactionBroadcaster.FEE_FILTER_GRACE.minusMillis(1)))).isEmpty();
        assertThat(told(later(Duration.ofMillis(1)))).containsExactly(BOB);
        assertThat(told(laterStepByStep(Duration.ofSeconds(9)))).as("once").isEmpty();
    }

    @Test
    void whatIsAnnouncedTogetherIsOneMessage() {
        add(PAYMENT);
        add(Blocks.payment(2));
        ready(BOB, BY_TXID);
        List<Send> outputs = later(TransactionBroadcaster.FEE_FILTER_GRACE);
        assertThat(outputs).hasSize(1);
        assertThat(((Inv) outputs.getFirst().message()).items()).hasSize(2);
    }

    // --- accepted, dropped, refused

    @Test
    void aPeerThatServesItBackAcceptedIt() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        assertThat(later(Duration.ofSeconds(1)))
                .containsExactly(new Send(BOB, new GetData(List.of(WANTED))));
        hasNot(BOB);
        assertThat(asked(later(Duration.ofSeconds(2)))).containsExactly(BOB);
        assertThat(sends(BOB, PAYMENT)).isTrue();
        assertThat(told(BroadcastEvent.Accepted.class))
                .containsExactly(new BroadcastEvent.Accepted(TXID, "peer1", reach(1, 1, 1, 0)));
        assertThat(asked(laterStepByStep(Duration.ofSeconds(20)))).as("not again").isEmpty();
    }

    @Test
    void whoGotItAndDoesNotHaveItTenSecondsLaterDroppedIt() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        for (int second = 0; second < 30; second++) {
            if (!asked(later(Duration.ofSeconds(1))).isEmpty()) {
                hasNot(BOB);
            }
            if (second + 1 < TransactionBroadcaster.DROPPED_AFTER.toSeconds()) {
                assertThat(told(BroadcastEvent.Dropped.class)).isEmpty();
            }
        }
        assertThat(told(BroadcastEvent.Dropped.class))
                .containsExactly(new BroadcastEvent.Dropped(TXID, "peer1"));
        assertThat(told(BroadcastEvent.Accepted.class)).isEmpty();
    }

    @Test
    void aPeerIsAskedAFixedNumberOfTimesARound() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        assertThat(asked(laterStepByStep(Duration.ofSeconds(29))))
                .hasSize(TransactionBroadcaster.QUERIES.size());
    }

    @Test
    void otherWitnessesAreNotOurTransaction() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        later(Duration.ofSeconds(1));
        assertThat(sends(BOB, Blocks.payment(1))).as("we had asked").isTrue();
        assertThat(told(BroadcastEvent.Accepted.class)).isEmpty();
    }

    @Test
    void aRejectIsReportedInThePeersWords() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        rejects(BOB, RejectCode.INVALID, "bad signature");
        assertThat(told(BroadcastEvent.Refused.class))
                .containsExactly(
                        new BroadcastEvent.Refused(
                                TXID, "peer1", RejectCode.INVALID, "bad signature"));
        rejects(BOB, RejectCode.INVALID, "bad signature");
        assertThat(told(BroadcastEvent.Refused.class)).as("once").hasSize(1);
        assertThat(laterStepByStep(Duration.ofSeconds(20))).as("and not asked").isEmpty();
    }

    @Test
    void alreadyThereIsAccepted() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        rejects(BOB, RejectCode.DUPLICATE, "txn-already-in-mempool");
        assertThat(told(BroadcastEvent.Accepted.class)).hasSize(1);
        assertThat(told(BroadcastEvent.Refused.class)).isEmpty();
    }

    @Test
    void anotherSpendOfTheSameCoinIsNotAlreadyThere() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        rejects(BOB, RejectCode.DUPLICATE, "txn-mempool-conflict");
        assertThat(told(BroadcastEvent.Refused.class)).hasSize(1);
        assertThat(told(BroadcastEvent.Accepted.class)).isEmpty();
    }

    @Test
    void aRejectOfWhatWasNotSentSaysNothing() {
        ready(BOB);
        add(PAYMENT);
        events.clear();
        rejects(BOB, RejectCode.INVALID, "early");
        take(
                broadcaster.onReject(
                        BOB, new Reject("tx", RejectCode.INVALID, "other", Txid.ZERO.bytes())));
        rejects(CAROL, RejectCode.INVALID, "a stranger");
        assertThat(events).isEmpty();
    }

    // --- seen

    /// Of bob and carol, who was told and who was not.
    private long[] toldAndHeldBack() {
        ready(BOB, CAROL);
        List<Long> told = told(add(PAYMENT));
        assertThat(told).hasSize(1);
        assertThat(told(BroadcastEvent.HeldBack.class)).hasSize(1);
        return new long[] {told.getFirst(), told.getFirst() == BOB ? CAROL : BOB};
    }

    @Test
    void ofTwoPeersOneIsNotToldAndItsAnnouncementIsAnEcho() {
        long[] peers = toldAndHeldBack();
        asks(peers[0]);
        announces(peers[1], NAME);
        assertThat(events)
                .last()
                .isEqualTo(new BroadcastEvent.Seen(TXID, name(peers[1]), reach(1, 1, 0, 1)));
        announces(peers[1], NAME);
        assertThat(told(BroadcastEvent.Seen.class)).as("once").hasSize(1);
    }

    @Test
    void whatAPeerServesThatDidNotGetItFromUsIsSeen() {
        long[] peers = toldAndHeldBack();
        asks(peers[0]);
        List<Send> outputs = laterStepByStep(Duration.ofSeconds(5));
        assertThat(asked(outputs)).contains(peers[1]);
        assertThat(sends(peers[1], PAYMENT)).isTrue();
        assertThat(told(BroadcastEvent.Seen.class))
                .containsExactly(new BroadcastEvent.Seen(TXID, name(peers[1]), reach(1, 1, 0, 1)));
    }

    @Test
    void anAnnouncementThatOurOwnQuestionMayHaveCausedHasToBeShown() {
        long[] peers = toldAndHeldBack();
        laterStepByStep(Duration.ofSeconds(5));
        hasNot(peers[1]);
        assertThat(asked(announces(peers[1], NAME))).containsExactly(peers[1]);
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
        hasNot(peers[1]);
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
        announces(peers[1], NAME);
        sends(peers[1], PAYMENT);
        assertThat(told(BroadcastEvent.Seen.class)).hasSize(1);
    }

    @Test
    void anAnnouncementFromWhoHeardItFromUsIsNoEcho() {
        ready(BOB);
        add(PAYMENT);
        announces(BOB, NAME);
        asks(BOB);
        announces(BOB, NAME);
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
    }

    @Test
    void aPeerThatGotItOverAnEarlierConnectionIsNoWitness() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        broadcaster.peerGone(BOB);
        take(broadcaster.peerReady(9, name(BOB), BY_TXID, now));
        announces(9, NAME);
        laterStepByStep(Duration.ofSeconds(6));
        assertThat(sends(9, PAYMENT)).isTrue();
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
        assertThat(told(BroadcastEvent.Accepted.class)).hasSize(1);
    }

    @Test
    void norIsOneThatGotItBeforeARestart() {
        take(
                broadcaster.resume(
                        List.of(new PendingTransaction(PAYMENT, Optional.empty(), Set.of("peer2"))),
                        now));
        ready(BOB, CAROL);
        announces(CAROL, NAME);
        laterStepByStep(Duration.ofSeconds(8));
        sends(CAROL, PAYMENT);
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
        assertThat(told(BroadcastEvent.Accepted.class)).hasSize(1);
    }

    @Test
    void aThirdOfThePeersIsHeldBackAtFirstAndToldLater() {
        for (long peer = 1; peer <= 9; peer++) {
            ready(peer, BY_TXID);
        }
        later(TransactionBroadcaster.FEE_FILTER_GRACE);
        List<Long> first = told(add(PAYMENT));
        assertThat(first).hasSize(6);
        asks(first.getFirst());
        List<Long> second = told(laterStepByStep(TransactionBroadcaster.FIRST_REPEAT));
        assertThat(second).as("now all, those told before too").hasSize(9);
    }

    @Test
    void aPeerThatComesSecondIsHeldBackToo() {
        ready(BOB);
        add(PAYMENT);
        ready(CAROL, BY_TXID);
        assertThat(told(laterStepByStep(Duration.ofSeconds(5)))).isEmpty();
        announces(CAROL, NAME);
        sends(CAROL, PAYMENT);
        assertThat(told(BroadcastEvent.Seen.class)).hasSize(1);
        ready(MALLORY, BY_TXID);
        assertThat(told(laterStepByStep(Duration.ofSeconds(2))))
                .as("it has been seen: no more witnesses are needed")
                .containsExactly(MALLORY);
    }

    // --- unseen

    @Test
    void whereNobodyAsksThatIsSaidAndEverythingIsTried() {
        long[] peers = toldAndHeldBack();
        later(TransactionBroadcaster.ASK_DEADLINE.minusMillis(1));
        assertThat(told(BroadcastEvent.Unseen.class)).isEmpty();
        List<Send> outputs = later(Duration.ofMillis(1));
        assertThat(told(BroadcastEvent.Unseen.class))
                .containsExactly(new BroadcastEvent.Unseen(TXID, 1, reach(1, 0, 0, 0)));
        assertThat(told(outputs)).as("the other is told").containsExactly(peers[1]);
        assertThat(given(outputs)).as("who was told gets it unasked").containsExactly(peers[0]);
        assertThat(told(BroadcastEvent.Requested.class)).as("which nobody asked for").isEmpty();
    }

    @Test
    void aPongSaysNothing() {
        ready(BOB);
        List<Send> outputs = new ArrayList<>(add(PAYMENT));
        outputs.addAll(asks(BOB));
        outputs.addAll(laterStepByStep(Duration.ofMinutes(2)));
        assertThat(outputs).noneMatch(send -> send.message() instanceof P2pMessage.Ping);
    }

    @Test
    void whatIsGivenUnaskedIsGivenOnceAndBelievedWhenItIsServedBack() {
        ready(BOB);
        add(PAYMENT);
        List<Send> outputs = laterStepByStep(Duration.ofMinutes(30));
        assertThat(given(outputs)).hasSize(1);
        assertThat(told(BroadcastEvent.Accepted.class)).isEmpty();
        sends(BOB, PAYMENT);
        assertThat(told(BroadcastEvent.Accepted.class)).hasSize(1);
    }

    @Test
    void itIsAnnouncedAgainAndAgainLessAndLessOftenAndNeverGivenUp() {
        ready(BOB);
        add(PAYMENT);
        int announcements = told(laterStepByStep(Duration.ofHours(2))).size();
        // After 30 s, 60, 120, 240, 480 s, and then every ten minutes.
        assertThat(announcements).isBetween(14, 17);
        assertThat(told(BroadcastEvent.Unseen.class)).hasSize(announcements + 1);
        assertThat(told(laterStepByStep(TransactionBroadcaster.LAST_REPEAT))).hasSize(1);
    }

    @Test
    void afterABlockItIsAnnouncedAgainSoon() {
        ready(BOB);
        add(PAYMENT);
        laterStepByStep(Duration.ofHours(1));
        laterStepByStep(Duration.ofMinutes(2));
        connect(7);
        assertThat(told(later(Duration.ofSeconds(1)))).containsExactly(BOB);
        connect(8);
        connect(9);
        assertThat(told(later(Duration.ofSeconds(1)))).as("but not for each block").isEmpty();
    }

    @Test
    void aClockThatGoesBackDoesNotStopIt() {
        ready(BOB);
        add(PAYMENT);
        now = now.minus(Duration.ofDays(300));
        assertThat(told(later(Duration.ZERO))).containsExactly(BOB);
        assertThat(told(laterStepByStep(Duration.ofMinutes(2)))).isNotEmpty();
    }

    // --- fees

    @Test
    void aPeerThatWantsMoreIsNotToldUntilItWantsLess() {
        ready(BOB, BY_TXID);
        FeeFilter most = new FeeFilter(Sat.of(100).value() * 1_000 / size() + 1);
        take(broadcaster.onFeeFilter(BOB, most, now));
        assertThat(told(add(PendingTransaction.of(PAYMENT, Sat.of(100))))).isEmpty();
        assertThat(told(laterStepByStep(Duration.ofMinutes(2)))).isEmpty();
        assertThat(events)
                .as("said once")
                .containsExactly(
                        new BroadcastEvent.BelowFeeFilter(TXID, "peer1", most.satPerKvb()));
        FeeFilter less = new FeeFilter(most.satPerKvb() - 1);
        assertThat(told(take(broadcaster.onFeeFilter(BOB, less, now)))).containsExactly(BOB);
    }

    private static long size() {
        return PAYMENT.weight().virtualBytes();
    }

    @Test
    void whoseFeeIsNotKnownIsAnnouncedToAll() {
        ready(BOB, BY_TXID);
        take(broadcaster.onFeeFilter(BOB, new FeeFilter(9_936_506), now));
        assertThat(told(add(PAYMENT))).containsExactly(BOB);
    }

    @Test
    void aNewPeersFeesAreWaitedForAndNoLongerThanNeeded() {
        add(PendingTransaction.of(PAYMENT, Sat.of(100)));
        ready(BOB, BY_TXID);
        assertThat(told(take(broadcaster.onFeeFilter(BOB, new FeeFilter(100), now))))
                .containsExactly(BOB);
    }

    @Test
    void aPeerThatComesLateAndWantsMoreIsNotToldEither() {
        ready(BOB);
        add(PendingTransaction.of(PAYMENT, Sat.of(100)));
        asks(BOB);
        ready(CAROL, BY_TXID);
        take(broadcaster.onFeeFilter(CAROL, new FeeFilter(1_000_000), now));
        assertThat(told(laterStepByStep(Duration.ofMinutes(3)))).doesNotContain(CAROL);
        assertThat(told(BroadcastEvent.BelowFeeFilter.class)).hasSize(1);
        assertThat(told(BroadcastEvent.HeldBack.class)).isEmpty();
    }

    @Test
    void whoChangesItsMindAboutFeesAgainAndAgainIsReportedAFewTimes() {
        add(PendingTransaction.of(PAYMENT, Sat.of(100)));
        ready(BOB, BY_TXID);
        for (int i = 0; i < 10_000; i++) {
            take(broadcaster.onFeeFilter(BOB, new FeeFilter(1_000_000 + i), now));
        }
        assertThat(told(BroadcastEvent.BelowFeeFilter.class))
                .hasSize(TransactionBroadcaster.MAX_FEE_FILTERS_TOLD);
        assertThat(told(take(broadcaster.onFeeFilter(BOB, new FeeFilter(0), now))))
                .as("what it wants counts all the same")
                .containsExactly(BOB);
    }

    @Test
    void feesThatAreNoNumbersOfMoneyBreakNothing() {
        add(PendingTransaction.of(PAYMENT, Sat.MAX));
        ready(BOB, BY_TXID);
        ready(CAROL, BY_TXID);
        assertThat(told(take(broadcaster.onFeeFilter(BOB, new FeeFilter(Long.MAX_VALUE), now))))
                .containsExactly(BOB);
        take(broadcaster.onFeeFilter(CAROL, new FeeFilter(-1), now));
        take(broadcaster.onFeeFilter(MALLORY, new FeeFilter(1), now));
    }

    @Test
    void othersAreHeardWhileSomethingWaitsToBeSeenAndNotOtherwise() {
        ready(BOB, CAROL);
        assertThat(filters)
                .containsExactly(
                        new Send(BOB, TransactionBroadcaster.NO_ANNOUNCEMENTS),
                        new Send(CAROL, TransactionBroadcaster.NO_ANNOUNCEMENTS));
        filters.clear();
        long teller = told(add(PAYMENT)).getFirst();
        assertThat(filters)
                .containsExactly(
                        new Send(BOB, TransactionBroadcaster.ALL_ANNOUNCEMENTS),
                        new Send(CAROL, TransactionBroadcaster.ALL_ANNOUNCEMENTS));
        filters.clear();
        announces(teller == BOB ? CAROL : BOB, NAME);
        assertThat(filters)
                .containsExactly(
                        new Send(BOB, TransactionBroadcaster.NO_ANNOUNCEMENTS),
                        new Send(CAROL, TransactionBroadcaster.NO_ANNOUNCEMENTS));
    }

    // --- confirmed, conflicted, and back

    @Test
    void inABlockItIsConfirmedAndNoLongerAnnouncedNorServed() {
        ready(BOB);
        add(PAYMENT);
        connect(9, PAYMENT);
        assertThat(events).last().isEqualTo(new BroadcastEvent.Confirmed(TXID, 9));
        assertThat(laterStepByStep(Duration.ofHours(1))).isEmpty();
        List<InventoryItem> missing = new ArrayList<>();
        broadcaster.onGetData(BOB, new GetData(List.of(WANTED)), now, missing);
        assertThat(missing).containsExactly(WANTED);
    }

    @Test
    void whatSpendsTheSameOutputInABlockIsAConflictWhichEndsTheRelay() {
        ready(BOB);
        add(PAYMENT);
        connect(9, conflicting());
        assertThat(events)
                .last()
                .isEqualTo(
                        new BroadcastEvent.Conflicted(
                                TXID,
                                PAYMENT.inputs().getFirst().outPoint(),
                                conflicting().txid(),
                                9));
        assertThat(laterStepByStep(Duration.ofHours(1))).isEmpty();
        assertThat(given(asks(BOB))).isEmpty();
        announces(BOB, NAME);
        assertThat(told(BroadcastEvent.Seen.class)).isEmpty();
    }

    @Test
    void ofTwoOfOursThatConflictOneIsConfirmedAndTheOtherIsNot() {
        ready(BOB);
        add(PAYMENT);
        add(conflicting());
        connect(9, conflicting());
        assertThat(events)
                .contains(new BroadcastEvent.Confirmed(conflicting().txid(), 9))
                .anyMatch(event ->
                        event instanceof BroadcastEvent.Conflicted && event.txid().equals(TXID));
    }

    @Test
    void aReorganisationTakesAConfirmationBackAndItIsAnnouncedAtOnce() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        connect(9, PAYMENT);
        connect(10);
        disconnect(10);
        assertThat(told(later(Duration.ZERO))).as("not that block").isEmpty();
        disconnect(9);
        assertThat(events).last().isEqualTo(new BroadcastEvent.Reopened(TXID, 9));
        assertThat(told(later(Duration.ZERO))).containsExactly(BOB);
        connect(9, PAYMENT);
        assertThat(events).last().isEqualTo(new BroadcastEvent.Confirmed(TXID, 9));
    }

    @Test
    void aReorganisationTakesAConflictBackToo() {
        ready(BOB);
        add(PAYMENT);
        connect(9, conflicting());
        disconnect(9);
        assertThat(events).last().isEqualTo(new BroadcastEvent.Reopened(TXID, 9));
        assertThat(told(later(Duration.ZERO))).containsExactly(BOB);
    }

    @Test
    void itIsForgottenWhenBuriedWhicheverWayItEnded() {
        add(PAYMENT);
        add(Blocks.payment(2));
        Transaction other =
                new Transaction(
                        2,
                        Blocks.payment(2).inputs(),
                        List.of(new TxOut(Sat.of(500), Script.fromHex("51"))),
                        LockTime.NONE);
        connect(9, PAYMENT, other);
        for (int height = 10; height < 9 + TransactionBroadcaster.BURIED; height++) {
            assertThat(broadcaster.find(TXID)).isPresent();
            assertThat(broadcaster.find(Blocks.payment(2).txid())).isPresent();
            connect(height);
        }
        assertThat(broadcaster.find(TXID)).isEmpty();
        assertThat(broadcaster.find(Blocks.payment(2).txid())).isEmpty();
    }

    @Test
    void whatIsInABlockAlreadyIsConfirmedAtOnce() {
        ready(BOB);
        assertThat(
                        take(
                                broadcaster.add(
                                        PendingTransaction.of(PAYMENT),
                                        100,
                                        1_700_000_000L,
                                        Optional.of(97),
                                        now)))
                .isEmpty();
        assertThat(events).containsExactly(new BroadcastEvent.Confirmed(TXID, 97));
        disconnect(97);
        assertThat(told(later(Duration.ZERO))).containsExactly(BOB);
    }

    // --- refused before anybody hears of it

    private BroadcastFault notTaken(Transaction transaction) {
        ready(BOB);
        assertThat(add(transaction)).isEmpty();
        assertThat(later(Duration.ofMinutes(1))).isEmpty();
        assertThat(saved).isEmpty();
        BroadcastEvent.NotTaken event = (BroadcastEvent.NotTaken) events.getLast();
        assertThat(event.detail()).isNotBlank();
        assertThat(event.txid()).isEqualTo(transaction.txid());
        return event.fault();
    }

    private static Transaction transaction(LockTime lockTime, Sequence sequence) {
        TxIn input = TxIn.unsigned(new OutPoint(Txid.hashOf(new byte[] {7}), 0), sequence);
        TxOut output = new TxOut(Sat.of(1_000), Script.fromHex("5120" + "11".repeat(32)));
        return new Transaction(2, List.of(input), List.of(output), lockTime);
    }

    @Test
    void anOutputSpentTwiceIsRefusedHere() {
        TxIn input = PAYMENT.inputs().getFirst();
        assertThat(
                        notTaken(
                                new Transaction(
                                        2,
                                        List.of(input, input),
                                        PAYMENT.outputs(),
                                        LockTime.NONE)))
                .isEqualTo(BroadcastFault.INVALID);
    }

    @Test
    void aCoinbaseIsRefusedHere() {
        assertThat(notTaken(Blocks.coinbase(5, 1))).isEqualTo(BroadcastFault.COINBASE);
    }

    @Test
    void theLengthOfAnInnerNodeIsRefusedHere() {
        // 10 bytes for the rest, 41 for the input, 9 for value and length of the output: 4 are
        // left.
        TxIn input = PAYMENT.inputs().getFirst();
        TxOut output = new TxOut(Sat.of(1), Script.fromHex("6a015151"));
        Transaction inner = new Transaction(2, List.of(input), List.of(output), LockTime.NONE);
        assertThat(inner.serializeWithoutWitness().length()).isEqualTo(64);
        assertThat(notTaken(inner)).isEqualTo(BroadcastFault.MERKLE_NODE_LENGTH);
    }

    @Test
    void whatTheNextBlockMayNotHaveIsRefusedHere() {
        assertThat(notTaken(transaction(LockTime.of(100), Sequence.REPLACEABLE)))
                .isEqualTo(BroadcastFault.NOT_FINAL);
        assertThat(notTaken(transaction(LockTime.of(1_700_000_000L), Sequence.REPLACEABLE)))
                .isEqualTo(BroadcastFault.NOT_FINAL);
    }

    @Test
    void whatTheNextBlockMayHaveIsNot() {
        ready(BOB);
        add(transaction(LockTime.of(99), Sequence.REPLACEABLE));
        add(transaction(LockTime.of(1_699_999_999L), Sequence.REPLACEABLE));
        add(transaction(LockTime.of(100), Sequence.FINAL));
        assertThat(told(BroadcastEvent.NotTaken.class)).isEmpty();
        assertThat(told(BroadcastEvent.Announced.class)).hasSize(3);
    }

    // --- what outlives a restart

    @Test
    void itIsSavedBeforeAnybodyHearsOfItAndUntilItIsSettled() {
        ready(BOB);
        List<BroadcastOutput> outputs =
                broadcaster.add(
                        PendingTransaction.of(PAYMENT), 100, 1_700_000_000L, Optional.empty(), now);
        assertThat(outputs.getFirst())
                .isEqualTo(new BroadcastOutput.Save(List.of(PendingTransaction.of(PAYMENT))));
        outputs = broadcaster.onGetData(BOB, new GetData(List.of(WANTED)), now, new ArrayList<>());
        assertThat(outputs.getFirst())
                .as("who got it is noted before it goes")
                .isEqualTo(
                        new BroadcastOutput.Save(
                                List.of(
                                        new PendingTransaction(
                                                PAYMENT, Optional.empty(), Set.of("peer1")))));
        connect(9, PAYMENT);
        assertThat(saved.getLast()).isEmpty();
        disconnect(9);
        assertThat(saved.getLast()).hasSize(1);
        connect(9, conflicting());
        assertThat(saved.getLast()).isEmpty();
    }

    @Test
    void afterARestartAllGoOnAlsoWhereOurTipIsBehind() {
        Transaction late = transaction(LockTime.of(1_000_000), Sequence.REPLACEABLE);
        take(
                broadcaster.resume(
                        List.of(PendingTransaction.of(PAYMENT), PendingTransaction.of(late)), now));
        assertThat(saved).as("nothing has changed on disk").isEmpty();
        ready(BOB, BY_TXID);
        List<Send> outputs = later(TransactionBroadcaster.FEE_FILTER_GRACE);
        assertThat(((Inv) outputs.getFirst().message()).items()).hasSize(2);
    }

    // --- bounds

    @Test
    void aPeerThatAsksAgainAndAgainGetsItThreeTimes() {
        ready(MALLORY);
        add(PAYMENT);
        int sent = 0;
        for (int i = 0; i < 100; i++) {
            sent += given(asks(MALLORY)).size();
        }
        assertThat(sent).isEqualTo(TransactionBroadcaster.MAX_SERVED);
        GetData often = new GetData(Collections.nCopies(50, WANTED));
        List<InventoryItem> missing = new ArrayList<>();
        assertThat(take(broadcaster.onGetData(MALLORY, often, now, missing))).isEmpty();
        assertThat(missing).as("and is answered that there is no more").hasSize(50);
        assertThat(reach()).isEqualTo(reach(1, 1, 0, 0));
    }

    @Test
    void namesThatNobodyKnowsLeaveNothingBehind() {
        ready(MALLORY);
        add(PAYMENT);
        events.clear();
        List<InventoryItem> strange = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            strange.add(
                    new InventoryItem.Transaction(
                            Txid.hashOf(new byte[] {(byte) i, (byte) (i >> 8)}), false));
        }
        assertThat(take(broadcaster.onInv(MALLORY, new Inv(strange), now))).isEmpty();
        take(broadcaster.onNotFound(MALLORY, new NotFound(strange), now));
        List<InventoryItem> missing = new ArrayList<>();
        assertThat(take(broadcaster.onGetData(MALLORY, new GetData(strange), now, missing)))
                .isEmpty();
        assertThat(missing).isEqualTo(strange);
        assertThat(events).isEmpty();
    }

    @Test
    void aDenialCountsOnlyAsTheAnswerToAQuestion() {
        ready(BOB);
        add(PAYMENT);
        asks(BOB);
        for (long second = 0; second < TransactionBroadcaster.DROPPED_AFTER.toSeconds(); second++) {
            asked(later(Duration.ofSeconds(1))).forEach(this::hasNot);
        }
        hasNot(BOB);
        assertThat(told(BroadcastEvent.Dropped.class))
                .as("all questions were answered before: it may have been asked by nobody")
                .isEmpty();
        List<Send> next = laterStepByStep(Duration.ofSeconds(2));
        assertThat(asked(next)).containsExactly(BOB);
        hasNot(BOB);
        assertThat(told(BroadcastEvent.Dropped.class)).hasSize(1);
    }

    @Test
    void denialsThatNobodyAskedForSayNothing() {
        ready(MALLORY);
        add(PAYMENT);
        asks(MALLORY);
        later(TransactionBroadcaster.DROPPED_AFTER);
        hasNot(MALLORY);
        int dropped = told(BroadcastEvent.Dropped.class).size();
        for (int i = 0; i < 1_000; i++) {
            hasNot(MALLORY);
        }
        assertThat(told(BroadcastEvent.Dropped.class)).hasSizeLessThanOrEqualTo(1).hasSize(dropped);
    }

    @Test
    void transactionsThatNobodyAskedForAreNamed() {
        ready(MALLORY);
        assertThat(sends(MALLORY, PAYMENT)).as("not followed").isFalse();
        add(PAYMENT);
        assertThat(sends(MALLORY, PAYMENT)).as("not asked yet").isFalse();
        asks(MALLORY);
        later(Duration.ofSeconds(1));
        assertThat(sends(MALLORY, PAYMENT)).isTrue();
        assertThat(sends(MALLORY, PAYMENT)).as("once is enough").isFalse();
        assertThat(sends(CAROL, PAYMENT)).as("a peer that is gone").isFalse();
    }

    @Test
    void announcementsDoNotMakeUsAskWithoutEnd() {
        long[] peers = toldAndHeldBack();
        laterStepByStep(Duration.ofSeconds(5));
        int questions = 0;
        for (int i = 0; i < 1_000; i++) {
            hasNot(peers[1]);
            questions += asked(announces(peers[1], NAME)).size();
        }
        assertThat(questions).isLessThanOrEqualTo(TransactionBroadcaster.MAX_QUERIES);
    }

    @Test
    void whatSpendsTheSameCoinAndPaysMoreTakesThePlaceOfTheOther() {
        ready(BOB);
        add(PendingTransaction.of(PAYMENT, Sat.of(200)));
        Transaction other =
                new Transaction(
                        PAYMENT.version(),
                        PAYMENT.inputs(),
                        List.of(new TxOut(Sat.of(1), PAYMENT.outputs().getFirst().scriptPubKey())),
                        PAYMENT.lockTime());
        add(PendingTransaction.of(other, Sat.of(200)));
        assertThat(told(BroadcastEvent.Displaced.class)).as("pays no more").isEmpty();
        Transaction third =
                new Transaction(
                        PAYMENT.version(),
                        PAYMENT.inputs(),
                        List.of(new TxOut(Sat.of(2), PAYMENT.outputs().getFirst().scriptPubKey())),
                        PAYMENT.lockTime());
        add(PendingTransaction.of(third, Sat.of(201)));
        assertThat(told(BroadcastEvent.Displaced.class))
                .containsExactly(
                        new BroadcastEvent.Displaced(TXID),
                        new BroadcastEvent.Displaced(other.txid()));
        assertThat(broadcaster.find(TXID)).isEmpty();
        assertThat(saved.getLast())
                .extracting(PendingTransaction::transaction)
                .containsExactly(third);
        assertThat(asks(BOB))
                .as("nobody gets it any more")
                .noneMatch(s -> s.message() instanceof TxMessage);
    }

    @Test
    void noMoreThanTheBoundAreFollowedAndTheOldestMakeRoomOnceTheyHadTheirTime() {
        for (int i = 0; i < TransactionBroadcaster.MAX_TRANSACTIONS; i++) {
            add(Blocks.payment(i));
        }
        assertThat(told(BroadcastEvent.NotTaken.class)).isEmpty();
        Transaction more = Blocks.payment(TransactionBroadcaster.MAX_TRANSACTIONS);
        add(more);
        assertThat(told(BroadcastEvent.NotTaken.class))
                .extracting(BroadcastEvent.NotTaken::fault)
                .containsExactly(BroadcastFault.TOO_MANY);
        add(Blocks.payment(0));
        assertThat(told(BroadcastEvent.NotTaken.class)).as("known already").hasSize(1);

        connect(9, Blocks.payment(5));
        add(more);
        assertThat(broadcaster.find(more.txid())).as("what is mined makes room").isPresent();
        assertThat(told(BroadcastEvent.Displaced.class)).isEmpty();

        now = now.plus(TransactionBroadcaster.FIRST_REPEAT);
        add(Blocks.payment(1_000));
        assertThat(told(BroadcastEvent.Displaced.class))
                .containsExactly(new BroadcastEvent.Displaced(Blocks.payment(0).txid()));
        assertThat(saved.getLast()).hasSize(TransactionBroadcaster.MAX_TRANSACTIONS);
    }

    @Test
    void norMoreBytesThanTheBound() {
        for (int i = 0; i < 5; i++) {
            add(Blocks.payment(i).withWitness(0, List.of(Bytes.of(new byte[3_900_000]))));
        }
        assertThat(told(BroadcastEvent.NotTaken.class))
                .extracting(BroadcastEvent.NotTaken::fault)
                .containsExactly(BroadcastFault.TOO_MANY);
    }

    @Test
    void whatWeDoNotHaveIsSaidToBeMissing() {
        List<InventoryItem> missing = new ArrayList<>();
        broadcaster.onGetData(BOB, new GetData(List.of(NAME)), now, missing);
        assertThat(missing).containsExactly(NAME);
    }
}
