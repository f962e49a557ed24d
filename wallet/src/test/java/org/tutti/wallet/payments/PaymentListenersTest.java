package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.CoinLocks;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What the signing service and the light client tell reaches payments, locks and coins.
class PaymentListenersTest extends PaymentFixture {
    private final CoinLocks locks = new CoinLocks();
    private final PaymentApproval approval =
            new PaymentApproval(
                    group.wallet,
                    coins,
                    new SpendPolicy(Sat.of(50_000), Sat.of(5_000), new Allowlist.Any()),
                    locks,
                    DailySpending.unlimited(),
                    Duration.ZERO,
                    () -> now);
    private final PaymentSessionListener sessions =
            new PaymentSessionListener(
                    request -> request.requester().equals(alice), approval, payments);
    private final Member carol = new Member(2, bob, group.publicKeys().get(2), List.of());
    private final UnsignedPayment payment = payment();
    private final OutPoint coin = payment.utxos().getFirst().outPoint();

    @Test
    void aSessionOfBeforeARestartLocksItsCoinsUntilASignerRefuses() {
        SigningRequest request = request(payment, bob);
        sessions.accept(new SessionEvent.Resumed(NOW, request, 1));
        assertThat(locks.isLocked(coin, NOW)).isTrue();
        sessions.accept(
                new SessionEvent.Refused(NOW, request.sessionId(), carol, "FEE", "too much"));
        assertThat(locks.isLocked(coin, NOW)).isFalse();
    }

    @Test
    void anAbortedSessionFreesItsCoins() {
        SigningRequest request = request(payment, bob);
        sessions.accept(new SessionEvent.Resumed(NOW, request, 1));
        sessions.accept(
                new SessionEvent.Aborted(
                        NOW,
                        new SessionOutcome.Aborted(
                                request.sessionId(),
                                carol,
                                "EXPIRED",
                                List.of(),
                                List.of(),
                                List.of(),
                                "late",
                                Optional.empty(),
                                false)));
        assertThat(locks.isLocked(coin, NOW)).isFalse();
    }

    @Test
    void signaturesLockTheCoinsAndStartThePayment() {
        sessions.accept(new SessionEvent.Signed(NOW, request(payment, bob), signatures(payment)));
        assertThat(locks.isLocked(coin, NOW)).isTrue();
        runChecks();
        assertThat(events).last().isInstanceOf(PaymentEvent.Checked.class);
        assertThat(broadcast).isEmpty();
    }

    @Test
    void onlyTheRequesterBroadcastsAtOnce() {
        sessions.accept(new SessionEvent.Signed(NOW, request(payment, alice), signatures(payment)));
        runChecks();
        assertThat(broadcast).hasSize(1);
    }

    @Test
    void whatIsNotAboutCoinsChangesNothing() {
        sessions.accept(new SessionEvent.Announced(NOW, request(payment, bob), carol));
        sessions.accept(new SessionEvent.JournalFailed(NOW, "disk full"));
        assertThat(events).isEmpty();
        assertThat(locks.size()).isZero();
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
