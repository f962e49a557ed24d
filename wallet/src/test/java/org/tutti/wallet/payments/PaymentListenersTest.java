package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.UnsignedPayment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

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
                            (_, _) -> Sat.ZERO,
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

    private static final ClockReading CLOCKS = new ClockReading(NOW, 0, NOW);

    /// With room for one payment a day.
    private DailySpending onePayment(Path folder) throws IOException {
        long outflow = 10_000 + payment.fee().value();
        return DailySpending.open(folder.resolve("a"), Sat.of(outflow), () -> CLOCKS);
    }

    private PaymentApproval approval(DailySpending spending) {
        return new PaymentApproval(
                group.wallet,
                coins,
                new SpendPolicy(Sat.of(50_000), Sat.of(5_000), new Allowlist.Any()),
                spending,
                () -> true,
                (_, _) -> Sat.ZERO,
                Duration.ZERO);
    }

    @Test
    void whatIsSignedOrMayBeStaysCountedThoughItsSessionEnds(@TempDir Path folder)
            throws Exception {
        List<BiConsumer<PaymentHolds, SigningRequest>> ends =
                List.of(
                        (holds, request) -> holds.unknown(request, HOLD),
                        (holds, request) -> holds.signed(request, HOLD, signatures(payment), NOW));
        for (int i = 0; i < ends.size(); i++) {
            Path own = Files.createDirectory(folder.resolve("" + i));
            try (DailySpending spending = onePayment(own)) {
                SigningRequest request = request(payment, bob);
                assertThat(approval(spending).decide(request, carol))
                        .isInstanceOf(Decision.Approved.class);
                ends.get(i).accept(new PaymentHolds(payments, spending), request);
                spending.released(request.sessionId());
                assertThat(approval(spending).decide(request(payment(), bob), carol))
                        .isInstanceOf(Decision.Refused.class);
            }
        }
    }

    @Test
    void theDaysLimitHearsOfSessionsThatAbortAndOfAClockThatSteps(@TempDir Path folder)
            throws Exception {
        AtomicReference<ClockReading> clocks = new AtomicReference<>(CLOCKS);
        long outflow = 10_000 + payment.fee().value();
        try (DailySpending spending =
                DailySpending.open(folder.resolve("a"), Sat.of(outflow), clocks::get)) {
            PaymentSessionListener listener = new PaymentSessionListener(payments, spending);
            SigningRequest first = request(payment, bob);
            assertThat(approval(spending).decide(first, carol))
                    .isInstanceOf(Decision.Approved.class);
            listener.accept(
                    new SessionEvent.Aborted(
                            NOW,
                            new SessionOutcome.Aborted(
                                    first.sessionId(),
                                    carol,
                                    "TIMEOUT",
                                    List.of(),
                                    List.of(),
                                    List.of(),
                                    "slow",
                                    Optional.empty(),
                                    false)));
            assertThat(approval(spending).decide(request(payment(), bob), carol))
                    .isInstanceOf(Decision.Approved.class);
            listener.accept(new SessionEvent.ClockStepped(NOW, Duration.ofDays(1)));
            Instant tomorrow = NOW.plus(Duration.ofDays(1));
            clocks.set(new ClockReading(tomorrow, Duration.ofDays(1).toNanos(), tomorrow));
            assertThat(approval(spending).decide(request(payment(), bob), carol))
                    .as("nothing is freed while the clock is in doubt")
                    .isInstanceOf(Decision.Refused.class);
        }
    }

    /// The median of eleven, one of which is the payment's coin's.
    @Test
    void theChainsTimeFollowsItsBlocks() {
        mineEmpty(9);
        assertThat(time.median()).isEqualTo(Instant.MIN);
        mine();
        assertThat(time.median()).isAfter(Instant.MIN);
        disconnect();
        assertThat(time.median()).isEqualTo(Instant.MIN);
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
        chain.broadcast(requested(txid(payment)));
        assertThat(events)
                .containsExactly(new PaymentEvent.Broadcast(txid(payment), "127.0.0.1:1"));
    }
}
