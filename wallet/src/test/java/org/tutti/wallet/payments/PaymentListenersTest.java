package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.signing.group.Member;
import org.tutti.signing.session.SessionEvent;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.List;

/// What the signing service and the light client tell reaches payments and coins.
class PaymentListenersTest extends PaymentFixture {
    private final PaymentSessionListener sessions =
            new PaymentSessionListener(request -> request.requester().equals(alice), payments);
    private final Member carol = new Member(2, bob, group.publicKeys().get(2), List.of());
    private final UnsignedPayment payment = payment();

    @Test
    void signaturesStartThePayment() {
        sessions.accept(new SessionEvent.Signed(NOW, request(payment, bob), signatures(payment)));
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
