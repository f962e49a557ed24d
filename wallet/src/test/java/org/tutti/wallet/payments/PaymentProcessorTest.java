package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class PaymentProcessorTest extends PaymentFixture {
    @Test
    void anOwnPaymentIsSignedCheckedBroadcastConfirmedAndUnconfirmed() {
        UnsignedPayment payment = payment();
        SigningRequest request = signed(payments, payment, true);
        assertThat(events)
                .singleElement()
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
        assertThat(state()).isEqualTo(PaymentState.SIGNED);
        assertThat(broadcast).isEmpty();

        runChecks();
        assertThat(events.getLast()).isInstanceOf(PaymentEvent.Checked.class);
        assertThat(state()).isEqualTo(PaymentState.CHECKED);
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
        assertThat(state()).isEqualTo(PaymentState.CHECKED);
        assertThat(payments.payments().getFirst().confirmation()).isEmpty();
        assertThat(events).hasSize(4);
    }

    @Test
    void signaturesWaitForTheirCoinsAfterARestart() {
        Transaction pays = coinElsewhere(50_000);
        UnsignedPayment payment = payment(pays);
        Instant then = NOW.minusSeconds(60);
        payments.signed(then, request(payment, alice), signatures(payment), true);
        payments.checkWaiting();
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
        payments.checkWaiting();
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
        assertThat(state()).isEqualTo(PaymentState.CHECKED);
    }

    @Test
    void whatBitcoinPeersSayOfABroadcastIsPassedOn() {
        UnsignedPayment payment = payment();
        payments.broadcasted(new BroadcastResult.Accepted(txid(payment), "127.0.0.1:1"));
        payments.broadcasted(new BroadcastResult.Refused(txid(payment), "127.0.0.1:1", 64, "dust"));
        payments.broadcasted(new BroadcastResult.Mined(txid(payment), 5));
        payments.broadcasted(new BroadcastResult.GivenUp(txid(payment)));
        assertThat(events)
                .containsExactly(
                        new PaymentEvent.Broadcast(txid(payment), "127.0.0.1:1"),
                        new PaymentEvent.BroadcastRefused(txid(payment), "127.0.0.1:1: dust"),
                        new PaymentEvent.BroadcastRefused(
                                txid(payment), "announced for a long time without success"));
    }

    @Test
    void aBadSignatureFailsTheCheckAndIsNeverBroadcast() {
        UnsignedPayment payment = payment();
        SchnorrSignature bad = new SchnorrSignature(Bytes.wrap(new byte[64]));
        payments.signed(NOW, request(payment, alice), List.of(bad), true);
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
        payments.signed(NOW, other, signatures(payment), false);
        runChecks();
        assertThat(events).isEmpty();
        assertThat(payments.payments()).isEmpty();
        assertThat(payments.read(Bytes.fromHex("00"))).isEmpty();
        assertThat(payments.read(good.context())).contains(payment);
    }

    @Test
    void ofTooManyThatWaitForCoinsTheOldestIsForgotten() {
        PaymentProcessor small = processor(100, 2);
        List<UnsignedPayment> three =
                List.of(
                        payment(coinElsewhere(50_000)),
                        payment(coinElsewhere(60_000)),
                        payment(coinElsewhere(70_000)));
        three.forEach(payment -> signed(small, payment, false));
        hearOfBlocks(listener(small));
        assertThat(events)
                .extracting(PaymentEvent::txid)
                .containsExactly(txid(three.get(1)), txid(three.get(2)));
    }

    @Test
    void ofTooManyPaymentsTheForgottenOneIsNoLongerTracked() {
        PaymentProcessor small = processor(1, 2);
        UnsignedPayment first = payment();
        UnsignedPayment second = payment();
        signed(small, first, false);
        signed(small, second, false);
        assertThat(small.payments()).extracting(TrackedPayment::txid).containsExactly(txid(second));
        Block block =
                new FakeChain(new UtxoStore(group.wallet))
                        .block(Group.STRANGER, first.transaction(), second.transaction());
        assertThat(tracker.connect(9, block))
                .extracting(Confirmation::txid)
                .containsExactly(txid(second));
    }

    private PaymentState state() {
        return payments.payments().getFirst().state();
    }
}
