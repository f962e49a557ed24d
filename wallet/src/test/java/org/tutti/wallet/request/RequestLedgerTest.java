package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.coordinator.message.RequestId;

import java.util.List;
import java.util.Set;

/// What waits for coins that nobody has seen. The rest of the ledger is tested through
/// [SignedRequests].
class RequestLedgerTest extends RequestFixture {
    @Test
    void whatSpendsOneCoinThatWasSeenIsNotUnseen() {
        RequestLedger ledger = new RequestLedger(10, 6);
        follow(ledger, 1, coin(1), coin(2));
        follow(ledger, 2, coin(3));
        assertThat(ledger.unseen(_ -> false)).isEqualTo(2);
        assertThat(ledger.unseen(Set.of(coin(2))::contains)).isEqualTo(1);
        assertThat(ledger.unseen(Set.of(coin(2), coin(3))::contains)).isZero();
        ledger.forget(new RequestId(hash(2)));
        assertThat(ledger.unseen(_ -> false)).isEqualTo(1);
    }

    private static void follow(RequestLedger ledger, int number, OutPoint... coins) {
        ledger.follow(
                new RequestId(hash(number)),
                Txid.hashOf(new byte[] {(byte) number}),
                List.of(coins),
                false);
    }
}
