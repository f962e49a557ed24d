package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

class PaymentProcessorTest extends PaymentFixture {
    @Test
    void anOwnPaymentIsSignedCheckedBroadcastConfirmedAndUnconfirmed() {
        UnsignedPayment payment = payment();
        SigningRequest request = signed(payments, payment, true);
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        assertThat(events).isEmpty();

        runChecks();
        assertThat(events)
                .hasSize(2)
                .first()
                .isInstanceOfSatisfying(
                        PaymentEvent.Signed.class,
                        signed -> {
                            assertThat(signed.at()).isEqualTo(NOW);
                            assertThat(signed.session()).isEqualTo(request.sessionId());
                            assertThat(signed.payment()).isEqualTo(payment);
                            assertThat(signed.signatures()).hasSize(1);
                            assertThat(signed.transaction().hasWitness()).isTrue();
                            assertThat(signed.txid()).isEqualTo(payment.transaction().txid());
                        });
        assertThat(events.getLast()).isInstanceOf(PaymentEvent.Checked.class);
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        assertThat(broadcast).extracting(Transaction::txid).containsExactly(txid(payment));

        mine(broadcast.getFirst());
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        PaymentEvent.Confirmed.class,
                        confirmed -> {
                            assertThat(confirmed.txid()).isEqualTo(txid(payment));
                            assertThat(confirmed.depth()).isEqualTo(1);
                        });
        assertThat(state()).isEqualTo(PaymentState.CONFIRMED);
        assertThat(payments.payments().getFirst().confirmation()).isPresent();

        disconnect();
        assertThat(events.getLast()).isInstanceOf(PaymentEvent.Unconfirmed.class);
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        assertThat(payments.payments().getFirst().confirmation()).isEmpty();
        assertThat(events).hasSize(4);
    }

    @Test
    void signaturesWaitForTheirCoinsAfterARestart() {
        Transaction pays = coinElsewhere(50_000);
        UnsignedPayment payment = payment(pays);
        Instant then = NOW.minusSeconds(60);
        payments.signed(request(payment, alice), signatures(payment), then);
        payments.lookAtChain(NOW);
        runChecks();
        assertThat(events).isEmpty();
        assertThat(state()).isEqualTo(PaymentState.SIGNED);

        hearOfBlocks(chain);
        runChecks();
        assertThat(events).hasSize(2).last().isInstanceOf(PaymentEvent.Checked.class);
        assertThat(events.getFirst())
                .isInstanceOfSatisfying(
                        PaymentEvent.Signed.class, e -> assertThat(e.at()).isEqualTo(then));
        assertThat(broadcast).hasSize(1);
        payments.lookAtChain(NOW);
        runChecks();
        assertThat(events).hasSize(2);
    }

    @Test
    void aPaymentThatIsInABlockBeforeItsCheckStaysConfirmedAndIsNotBroadcast() {
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        mine(payment.transaction());
        runChecks();
        assertThat(events.getLast()).isInstanceOf(PaymentEvent.Checked.class);
        assertThat(state()).isEqualTo(PaymentState.CONFIRMED);
        assertThat(broadcast).isEmpty();
    }

    @Test
    void aPaymentFoundInABlockIsReportedWithoutAnySignatures() {
        UnsignedPayment payment = payment();
        mine(payment.transaction());
        assertThat(events).singleElement().isInstanceOf(PaymentEvent.Confirmed.class);
        assertThat(payments.payments())
                .singleElement()
                .satisfies(known -> {
                    assertThat(known.transaction()).isEmpty();
                    assertThat(known.state()).isEqualTo(PaymentState.CONFIRMED);
                });
        signed(payments, payment, false);
        assertThat(payments.payments().getFirst().transaction()).isPresent();
    }

    @Test
    void anothersPaymentIsBroadcastWhenItShouldBeInABlockAndThenEveryMinute() {
        UnsignedPayment payment = payment();
        signed(payments, payment, false);
        runChecks();
        payments.rebroadcast();
        now = NOW.plus(PaymentLedger.REBROADCAST_AFTER).minusNanos(1);
        payments.rebroadcast();
        assertThat(broadcast).isEmpty();
        now = NOW.plus(PaymentLedger.REBROADCAST_AFTER);
        payments.rebroadcast();
        payments.rebroadcast();
        assertThat(broadcast).hasSize(1);
        assertThat(broadcast.getFirst().hasWitness()).isTrue();
        now = now.plus(PaymentLedger.REBROADCAST_AGAIN);
        payments.rebroadcast();
        assertThat(broadcast).hasSize(2);

        mine(payment.transaction());
        now = now.plus(Duration.ofDays(1));
        payments.rebroadcast();
        assertThat(broadcast).hasSize(2);
        disconnect();
        payments.rebroadcast();
        assertThat(broadcast).hasSize(3);
    }

    @Test
    void whatIsNotCheckedIsNeverBroadcast() {
        signed(payments, payment(), false);
        now = NOW.plus(Duration.ofDays(1));
        payments.rebroadcast();
        assertThat(broadcast).isEmpty();
    }

    @Test
    void aBroadcastThatTheLightClientDoesNotTakeIsReported() {
        broadcasting = false;
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        runChecks();
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        PaymentEvent.BroadcastRefused.class,
                        refused -> assertThat(refused.txid()).isEqualTo(txid(payment)));
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
    }

    @Test
    void whatBitcoinPeersSayOfABroadcastIsPassedOn() {
        UnsignedPayment payment = payment();
        Txid txid = txid(payment);
        String peer = "127.0.0.1:1";
        Reach reach = new Reach(2, 1, 0, 1);
        List.of(
                        new BroadcastEvent.Announced(txid, peer, reach),
                        new BroadcastEvent.HeldBack(txid, peer),
                        new BroadcastEvent.Unseen(txid, 1, reach),
                        new BroadcastEvent.Requested(txid, peer, reach),
                        new BroadcastEvent.Accepted(txid, peer, reach),
                        new BroadcastEvent.Seen(txid, peer, reach),
                        new BroadcastEvent.Dropped(txid, peer),
                        new BroadcastEvent.Refused(txid, peer, 64, "dust"),
                        new BroadcastEvent.BelowFeeFilter(txid, peer, 2_000),
                        new BroadcastEvent.NotTaken(txid, BroadcastFault.TOO_MANY, "too many"),
                        new BroadcastEvent.NotSaved(txid, "disk full"),
                        new BroadcastEvent.Displaced(txid),
                        new BroadcastEvent.Confirmed(txid, 5),
                        new BroadcastEvent.Conflicted(
                                txid,
                                payment.transaction().inputs().getFirst().outPoint(),
                                txid,
                                5),
                        new BroadcastEvent.Reopened(txid, 5))
                .forEach(payments::broadcasted);
        assertThat(events)
                .containsExactly(
                        new PaymentEvent.BroadcastUnseen(txid, 2),
                        new PaymentEvent.Broadcast(txid, peer),
                        new PaymentEvent.BroadcastAccepted(txid, peer),
                        new PaymentEvent.BroadcastSeen(txid, peer, 1),
                        new PaymentEvent.BroadcastDropped(txid, peer),
                        new PaymentEvent.BroadcastRefused(txid, peer + ": dust"),
                        new PaymentEvent.BroadcastRefused(
                                txid, peer + ": wants at least 2000 sat/kvB"),
                        new PaymentEvent.BroadcastRefused(txid, "too many"),
                        new PaymentEvent.BroadcastRefused(txid, "disk full"));
    }

    @Test
    void theLightClientIsToldWhatAPaymentLeavesToTheMiner() {
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        runChecks();
        assertThat(broadcastFees).containsExactly(Optional.of(payment.fee()));
    }

    @Test
    void whatIsAnnouncedAndThatNobodyAskedForIsNotSent() {
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        runChecks();
        Txid txid = txid(payment);
        payments.broadcasted(new BroadcastEvent.Announced(txid, "p", new Reach(1, 0, 0, 0)));
        payments.broadcasted(new BroadcastEvent.Unseen(txid, 1, new Reach(1, 0, 0, 0)));
        payments.broadcasted(new BroadcastEvent.Refused(txid, "p", 64, "dust"));
        payments.broadcasted(new BroadcastEvent.Dropped(txid, "p"));
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        payments.broadcasted(new BroadcastEvent.Seen(txid, "p", new Reach(1, 0, 0, 1)));
        assertThat(state()).isEqualTo(PaymentState.SEEN);
    }

    @Test
    void whatAPeerServesBackIsSent() {
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        runChecks();
        payments.broadcasted(
                new BroadcastEvent.Accepted(txid(payment), "p", new Reach(1, 0, 1, 0)));
        assertThat(state()).isEqualTo(PaymentState.SENT);
    }

    @Test
    void aBadSignatureFailsTheCheckAndIsNeverBroadcast() {
        UnsignedPayment payment = payment();
        SchnorrSignature bad = new SchnorrSignature(Bytes.wrap(new byte[64]));
        payments.signed(request(payment, alice), List.of(bad), NOW);
        runChecks();
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        PaymentEvent.CheckFailed.class,
                        failed -> {
                            assertThat(failed.txid()).isEqualTo(txid(payment));
                            assertThat(failed.reason()).startsWith("input 0: ");
                        });
        assertThat(state()).isEqualTo(PaymentState.FAILED);
        now = NOW.plus(Duration.ofDays(1));
        payments.rebroadcast();
        assertThat(broadcast).isEmpty();
    }

    /// The signing engine's thread must not meet an exception.
    @Test
    void signaturesThatAreTooManyFailTheCheck() {
        UnsignedPayment payment = payment();
        SchnorrSignature bad = new SchnorrSignature(Bytes.wrap(new byte[64]));
        payments.signed(request(payment, alice), List.of(bad, bad), NOW);
        runChecks();
        assertThat(state()).isEqualTo(PaymentState.FAILED);
        assertThat(broadcast).isEmpty();
    }

    @Test
    void whatIsNotATransactionIsLeftAlone() {
        UnsignedPayment payment = payment();
        SigningRequest good = request(payment, bob);
        SigningRequest other =
                new SigningRequest(
                        good.sessionId(),
                        good.group(),
                        good.requester(),
                        good.salt(),
                        good.created(),
                        good.expires(),
                        good.messages(),
                        good.purpose(),
                        Bytes.fromHex("00"),
                        good.idempotencyKey(),
                        good.payload());
        payments.signed(other, signatures(payment), NOW);
        runChecks();
        assertThat(events).isEmpty();
        assertThat(payments.payments()).isEmpty();
        assertThat(payments.read(other)).isEmpty();
        assertThat(payments.read(good)).contains(payment);
    }

    @Test
    void whatABitcoinPeerAskedForIsSentUntilItIsInABlock() {
        UnsignedPayment payment = payment();
        signed(payments, payment, true);
        payments.broadcasted(requested(txid(payment)));
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        runChecks();
        payments.broadcasted(requested(txid(payment)));
        assertThat(state()).isEqualTo(PaymentState.SENT);
        mine(payment.transaction());
        assertThat(state()).isEqualTo(PaymentState.CONFIRMED);
        disconnect();
        assertThat(state()).isEqualTo(PaymentState.SENT);
    }

    // What was acknowledged is not forgotten.

    @Test
    void whatWaitsForItsCoinsIsNeverForgottenHoweverMuchThereIs() {
        PaymentProcessor small = processor(2);
        List<UnsignedPayment> three =
                List.of(
                        payment(coinElsewhere(50_000)),
                        payment(coinElsewhere(60_000)),
                        payment(coinElsewhere(70_000)));
        assertThat(small.hasRoom()).isTrue();
        three.forEach(payment -> signed(small, payment, false));
        assertThat(small.hasRoom()).isFalse();
        hearOfBlocks(listener(small));
        runChecks();
        assertThat(events)
                .filteredOn(PaymentEvent.Checked.class::isInstance)
                .extracting(PaymentEvent::txid)
                .containsExactlyElementsOf(three.stream().map(PaymentFixture::txid).toList());
    }

    /// The request lived ten minutes; the payment was told to somebody as done.
    @Test
    void anAcknowledgedPaymentIsSentAgainAfterARestartHoweverOldItsRequestIs() {
        Transaction pays = coinElsewhere(50_000);
        UnsignedPayment payment = payment(pays);
        now = NOW.plus(Duration.ofDays(40));
        payments.signed(request(payment, bob), signatures(payment), NOW);
        hearOfBlocks(chain);
        runChecks();
        for (int i = 1; i <= 1_000; i++) {
            now = now.plus(PaymentLedger.REBROADCAST_AGAIN);
            payments.rebroadcast();
        }
        assertThat(broadcast).hasSize(1_000);
        assertThat(holds.settled).isEmpty();
    }

    @Test
    void aPaymentIsSettledSixBlocksDeepAndNotBefore() {
        UnsignedPayment payment = payment();
        SigningRequest request = signed(payments, payment, true);
        runChecks();
        mine(payment.transaction());
        mineEmpty(4);
        assertThat(holds.settled).isEmpty();
        mine();
        mine();
        assertThat(holds.settled).containsExactly(request.sessionId());
        assertThat(payments.payments().getFirst().settled()).isFalse();
        payments.settled(request.sessionId());
        assertThat(payments.payments().getFirst().settled()).isTrue();
        mineEmpty(3);
        assertThat(holds.settled).hasSize(1);
    }

    @Test
    void aPaymentWhoseCoinIsSpentOtherwiseIsSettledWhenThatIsSixBlocksDeep() {
        UnsignedPayment payment = payment();
        SigningRequest request = signed(payments, payment, true);
        runChecks();
        Transaction other = otherwise(payment);
        mine(other);
        assertThat(state()).isEqualTo(PaymentState.CONFLICTED);
        assertThat(payments.payments().getFirst().conflict()).contains(other.txid());
        mineEmpty(4);
        assertThat(holds.settled).isEmpty();
        mine();
        assertThat(holds.settled).containsExactly(request.sessionId());
    }

    @Test
    void aReorganisationBringsAConflictedPaymentBackAndItIsSentAgain() {
        UnsignedPayment payment = payment();
        signed(payments, payment, false);
        runChecks();
        mine(otherwise(payment));
        now = NOW.plus(Duration.ofDays(1));
        payments.rebroadcast();
        assertThat(broadcast).isEmpty();
        disconnect();
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        payments.rebroadcast();
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void aReorganisationThatTakesAFinalPaymentAwayBringsItBackToTheOutbox() {
        UnsignedPayment payment = payment();
        SigningRequest request = signed(payments, payment, true);
        runChecks();
        mine(payment.transaction());
        mineEmpty(5);
        payments.settled(request.sessionId());
        for (int i = 0; i < 6; i++) {
            disconnect();
        }
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        now = NOW.plus(Duration.ofDays(1));
        payments.rebroadcast();
        assertThat(broadcast).hasSize(2);
    }

    /// The signatures never came here, but others had them.
    @Test
    void aPaymentOfUnknownOutcomeIsConfirmedAndSettledByTheChainAlone() {
        UnsignedPayment payment = payment();
        SigningRequest request = request(payment, alice);
        payments.reserved(request);
        assertThat(state()).isEqualTo(PaymentState.PROPOSED);
        payments.committed(request);
        assertThat(state()).isEqualTo(PaymentState.SIGNING);
        payments.unknown(request);
        assertThat(state()).isEqualTo(PaymentState.UNKNOWN);
        mine(payment.transaction());
        assertThat(state()).isEqualTo(PaymentState.CONFIRMED);
        mineEmpty(5);
        assertThat(holds.settled).containsExactly(request.sessionId());
    }

    @Test
    void whatIsFoundInABlockBeforeItsSessionIsKnownIsOnePayment() {
        UnsignedPayment payment = payment();
        mine(payment.transaction());
        mineEmpty(5);
        SigningRequest request = signed(payments, payment, false);
        assertThat(payments.payments()).hasSize(1);
        assertThat(state()).isEqualTo(PaymentState.CONFIRMED);
        assertThat(payments.payments().getFirst().confirmation()).isPresent();
        payments.lookAtChain(NOW);
        assertThat(holds.settled).containsExactly(request.sessionId());
    }

    @Test
    void ofTooManyThatWereOnlyFoundTheForgottenOneIsNoLongerTracked() {
        PaymentProcessor small = processor(1);
        PaymentChainListener listener = listener(small);
        UnsignedPayment first = payment();
        UnsignedPayment second = payment();
        mine(listener, first.transaction());
        mine(listener, second.transaction());
        assertThat(small.payments()).extracting(TrackedPayment::txid).containsExactly(txid(second));
        Block block =
                new FakeChain(new UtxoStore(group.wallet))
                        .block(Group.STRANGER, first.transaction(), second.transaction());
        assertThat(tracker.connect(9, block))
                .extracting(Confirmation::txid)
                .containsExactly(txid(second));
    }

    @Test
    void whoWaitsForASessionIsToldItsEnd() throws Exception {
        UnsignedPayment payment = payment();
        SigningRequest request = request(payment, alice);
        payments.committed(request);
        FutureTask<PaymentState> waiting =
                new FutureTask<>(() ->
                        payments.awaitEnd(request.sessionId(), Duration.ofMinutes(1))
                                .orElseThrow()
                                .state());
        Thread.startVirtualThread(waiting);
        payments.unknown(request);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(PaymentState.UNKNOWN);
        assertThat(payments.awaitEnd(request.sessionId(), Duration.ZERO)).isPresent();
        SessionId nobody = new SessionId(Bytes.fromHex("77".repeat(32)));
        assertThat(payments.awaitEnd(nobody, Duration.ofDays(1))).isEmpty();
    }

    /// A block, or the end of its request, ends the wait for a session as signing does.
    @Test
    void whoWaitsForASessionIsToldWhatTheChainAndTheClockSay() throws Exception {
        UnsignedPayment mined = payment();
        SigningRequest first = request(mined, bob);
        payments.committed(first);
        FutureTask<PaymentState> confirmed = waiting(first);
        mine(mined.transaction());
        assertThat(confirmed.get(30, TimeUnit.SECONDS)).isEqualTo(PaymentState.CONFIRMED);

        UnsignedPayment conflicting = payment();
        SigningRequest second = request(conflicting, bob);
        payments.committed(second);
        FutureTask<PaymentState> conflicted = waiting(second);
        mine(otherwise(conflicting));
        assertThat(conflicted.get(30, TimeUnit.SECONDS)).isEqualTo(PaymentState.CONFLICTED);

        SigningRequest third = request(payment(), bob);
        payments.reserved(third);
        FutureTask<PaymentState> expired = waiting(third);
        now = third.expires();
        payments.rebroadcast();
        assertThat(expired.get(30, TimeUnit.SECONDS)).isEqualTo(PaymentState.GIVEN_UP);
    }

    /// Returns when it waits.
    private FutureTask<PaymentState> waiting(SigningRequest request) {
        FutureTask<PaymentState> waiting =
                new FutureTask<>(() ->
                        payments.awaitEnd(request.sessionId(), Duration.ofMinutes(1))
                                .orElseThrow()
                                .state());
        Thread thread = Thread.startVirtualThread(waiting);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return waiting;
    }

    @Test
    void whoDoesNotWaitIsToldThatTheSessionGoesOn() throws Exception {
        SigningRequest request = request(payment(), bob);
        payments.reserved(request);
        assertThat(payments.awaitEnd(request.sessionId(), Duration.ZERO))
                .map(TrackedPayment::state)
                .contains(PaymentState.PROPOSED);
    }

    @Test
    void whatAPaymentPaysToOthersIsTold() {
        assertThat(payments.foreign(payment().transaction()))
                .containsExactly(new TxOut(Sat.of(10_000), Group.STRANGER));
    }

    /// Another transaction, found in a block, that spends the payment's coin.
    private Transaction otherwise(UnsignedPayment payment) {
        return FakeChain.spend(
                List.of(payment.utxos().getFirst().outPoint()),
                new TxOut(Sat.of(1_000), Group.STRANGER));
    }

    private PaymentState state() {
        return payments.payments().getFirst().state();
    }
}
