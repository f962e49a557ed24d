package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;

import java.util.ArrayList;
import java.util.List;

/// Coins of requests' keys, found while the requests live.
class RequestCoinsTest extends RequestFixture {
    private final List<UtxoEvent> events = new ArrayList<>();
    private final RequestCoins coins =
            new RequestCoins(NETWORK, (wallet, event) -> events.add(event), 2);
    private final FakeChain chain = new FakeChain(new UtxoStore(group.wallet));
    private final List<PublicKey> keys = group.publicKeys();
    private final RequestId one = new RequestId(hash(1));
    private final RequestId two = new RequestId(hash(2));
    private final RequestId three = new RequestId(hash(3));

    private void mine(Transaction... transactions) {
        chain.mine(transactions);
        coins.blockConnected(chain.height(), chain.last().header(), chain.last());
    }

    private void disconnect() {
        int height = chain.height();
        Block gone = chain.last();
        chain.disconnect();
        coins.blockDisconnected(height, gone.header());
    }

    @Test
    void coinsAreFoundSpentAndLost() {
        assertThat(coins.tipHeight()).isEqualTo(-1);
        mine(chain.pay(ours, 1_000));
        assertThat(coins.follow(one, keys.reversed())).contains(group.wallet);
        Transaction pays = chain.pay(ours, 2_000, 3_000);
        mine(pays);
        assertThat(coins.tipHeight()).isEqualTo(2);
        // Only what came since it was followed.
        assertThat(coins.unspent(one))
                .extracting(Utxo::value)
                .extracting(sat -> sat.value())
                .containsExactly(2_000L, 3_000L);
        OutPoint first = new OutPoint(pays.txid(), 0);
        mine(FakeChain.spend(List.of(first), out(FRIEND, 1_500)));
        assertThat(coins.unspent(one)).hasSize(1);
        assertThat(coins.find(first)).containsInstanceOf(UtxoState.Spent.class);
        disconnect();
        assertThat(coins.unspent(one)).hasSize(2);
        disconnect();
        // What lies below was never seen.
        disconnect();
        assertThat(coins.unspent(one)).isEmpty();
        assertThat(coins.tipHeight()).isZero();
        assertThat(events).hasSize(6);
        mine();
        mine(pays);
        assertThat(coins.unspent(one)).hasSize(2);
    }

    @Test
    void requestsOfTheSameKeysShareThemUntilTheLastIsOver() {
        coins.follow(one, keys);
        mine(chain.pay(ours, 1_000));
        coins.follow(two, keys);
        assertThat(coins.unspent(two)).hasSize(1);
        coins.forget(one);
        assertThat(coins.unspent(one)).isEmpty();
        assertThat(coins.unspent(two)).hasSize(1);
        coins.forget(two);
        assertThat(coins.unspent(two)).isEmpty();
    }

    @Test
    void setsOfKeysAreBounded() {
        assertThat(coins.follow(one, keys)).isPresent();
        assertThat(coins.follow(two, keys.subList(0, 2))).isPresent();
        assertThat(coins.follow(three, keys.subList(1, 3))).isEmpty();
        assertThat(coins.follow(three, keys)).isPresent();
        coins.forget(two);
        assertThat(coins.follow(three, keys.subList(1, 3))).isPresent();
    }

    @Test
    void coinsOfOneSetOfKeysAreBounded() {
        coins.follow(one, keys);
        long[] amounts = new long[RequestCoins.MAX_COINS + 1];
        java.util.Arrays.fill(amounts, 1_000);
        mine(chain.pay(ours, amounts));
        assertThat(coins.unspent(one)).hasSize(RequestCoins.MAX_COINS);
    }

    @Test
    void keysWithoutAnAddressAreNotFollowed() {
        assertThat(coins.follow(one, keys.subList(0, 1))).isEmpty();
        assertThat(coins.follow(one, List.of(keys.getFirst(), keys.getFirst()))).isEmpty();
    }
}
