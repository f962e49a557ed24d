package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.UnsignedPayment;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What the signing service and the light client tell reaches payments and coins.
class PaymentListenersTest extends PaymentFixture {
    private final PaymentSessionListener sessions =
            new PaymentSessionListener(payments, DailySpending.unlimited());
    private final HoldListener told = new PaymentHolds(payments, DailySpending.unlimited());
    private static final Hold HOLD = Hold.NONE;
    private final Member carol = new Member(2, bob, group.publicKeys().get(2), List.of());
    private final UnsignedPayment payment = payment();

    @Test
    void signaturesStartThePayment() {
        told.signed(request(payment, bob), HOLD, signatures(payment), NOW);
        runChecks();
        assertThat(events).last().isInstanceOf(PaymentEvent.Checked.class);
        assertThat(broadcast).isEmpty();
    }

    @Test
    void onlyTheRequesterBroadcastsAtOnce() {
        told.signed(request(payment, alice), HOLD, signatures(payment), NOW);
        runChecks();
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void theLifeOfAHoldIsTheLifeOfThePayment() {
        SigningRequest request = request(payment, bob);
        told.reserved(request, HOLD);
        assertThat(state()).isEqualTo(PaymentState.PROPOSED);
        told.committed(request, HOLD);
        assertThat(state()).isEqualTo(PaymentState.SIGNING);
        told.released(request, HOLD);
        assertThat(state()).isEqualTo(PaymentState.SIGNING);
        told.unknown(request, HOLD);
        assertThat(state()).isEqualTo(PaymentState.UNKNOWN);
        told.settled(request.sessionId());
        assertThat(payments.payments().getFirst().settled()).isTrue();

        SigningRequest other = request(payment, bob);
        sessions.accept(new SessionEvent.Resumed(NOW, other, 1));
        told.released(other, HOLD);
        assertThat(payments.payments().getLast().state()).isEqualTo(PaymentState.GIVEN_UP);
    }

    /// The limit of a day is freed where nothing of this node's signature left, and only there.
    @Test
    void theDaysLimitHearsOfTheHoldsToo(@TempDir Path folder) throws Exception {
        long outflow = 10_000 + payment.fee().value();
        ClockReading clocks = new ClockReading(NOW, 0, NOW);
        try (DailySpending spending =
                DailySpending.open(folder.resolve("a"), Sat.of(outflow), () -> clocks)) {
            PaymentHolds listener = new PaymentHolds(payments, spending);
            PaymentApproval approval =
                    new PaymentApproval(
                            group.wallet,
                            coins,
                            new SpendPolicy(Sat.of(50_000), Sat.of(5_000), new Allowlist.Any()),
                            spending,
                            () -> true,
                            Duration.ZERO);
            SigningRequest first = request(payment, bob);
            assertThat(approval.decide(first, carol)).isInstanceOf(Decision.Approved.class);
            SigningRequest second = request(payment(), bob);
            new PaymentSessionListener(payments, spending)
                    .accept(
                            new SessionEvent.Refused(
                                    NOW, first.sessionId(), carol, "FEE", "much", false));
            assertThat(approval.decide(second, carol)).isInstanceOf(Decision.Approved.class);
            listener.released(second, HOLD);
            second = request(payment(), bob);
            assertThat(approval.decide(second, carol)).isInstanceOf(Decision.Approved.class);
            listener.committed(second, HOLD);
            listener.released(second, HOLD);
            assertThat(approval.decide(request(payment(), bob), carol))
                    .isInstanceOf(Decision.Refused.class);
        }
    }

    private PaymentState state() {
        return payments.payments().getFirst().state();
    }

    @Test
    void whatIsNotAboutCoinsChangesNothing() {
        sessions.accept(new SessionEvent.Announced(NOW, request(payment, bob), carol));
        sessions.accept(new SessionEvent.JournalFailed(NOW, "disk full"));
        assertThat(events).isEmpty();
    }

    @Test
    void coinsThatComeAndGoAreTold() {
        assertThat(coinEvents).singleElement().isInstanceOf(UtxoEvent.Received.class);
        mine(payment.transaction());
        assertThat(coinEvents).anyMatch(UtxoEvent.Spent.class::isInstance);
        disconnect();
        assertThat(coinEvents).anyMatch(UtxoEvent.Restored.class::isInstance);
    }

    @Test
    void theLightClientsWordOnABroadcastIsPassedOn() {
        chain.broadcast(new BroadcastResult.Accepted(txid(payment), "127.0.0.1:1"));
        assertThat(events)
                .containsExactly(new PaymentEvent.Broadcast(txid(payment), "127.0.0.1:1"));
    }
}
