package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.CoinRescan;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;

import java.util.ArrayList;
import java.util.List;

/// Coins of requests' keys, found while the requests live.
class RequestCoinsTest extends RequestFixture {
    private static final int DEPTH = 20;
    private final List<UtxoEvent> events = new ArrayList<>();
    private final RequestCoins coins =
            new RequestCoins(NETWORK, (wallet, event) -> events.add(event), 2, DEPTH);
    private final FakeChain chain = new FakeChain(new UtxoStore(group.wallet));
    private final List<PublicKey> keys = group.publicKeys();
    private final RequestId one = new RequestId(hash(1));
    private final RequestId two = new RequestId(hash(2));
    private final RequestId three = new RequestId(hash(3));

    private final List<Block> blocks = new ArrayList<>();

    private void mine(Transaction... transactions) {
        chain.mine(transactions);
        blocks.add(chain.last());
        coins.blockConnected(chain.height(), chain.last().header(), chain.last());
    }

    private void disconnect() {
        int height = chain.height();
        Block gone = chain.last();
        chain.disconnect();
        blocks.removeLast();
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

    /// Gives a rescan its blocks until it has ended.
    ///
    /// @return the heights of its blocks
    private List<Integer> rescan() throws InterruptedException {
        List<Integer> heights = new ArrayList<>();
        int height = coins.awaitRescan();
        while (true) {
            heights.add(height);
            switch (coins.rescan(height, blocks.get(height - 1))) {
                case GOES_ON -> height++;
                case DONE -> {
                    return heights;
                }
                case BEGIN_AGAIN -> throw new AssertionError("the chain is as it was");
            }
        }
    }

    private List<Long> unspent(RequestId request) {
        return coins.unspent(request).stream().map(coin -> coin.value().value()).toList();
    }

    @Test
    void coinsFromBeforeTheRequestAreFoundFromItsBirthdayOn() throws Exception {
        mine(chain.pay(ours, 1_000));
        Transaction second = chain.pay(ours, 2_000);
        mine(second);
        Transaction third = chain.pay(ours, 3_000);
        mine(third);
        mine(FakeChain.spend(List.of(new OutPoint(third.txid(), 0)), out(FRIEND, 2_500)));
        coins.follow(one, keys);
        mine(chain.pay(ours, 5_000));
        assertThat(unspent(one)).containsExactly(5_000L);
        events.clear();
        coins.rescan(one, 2);
        assertThat(rescan()).containsExactly(2, 3, 4, 5);
        assertThat(unspent(one)).containsExactly(2_000L, 5_000L);
        assertThat(coins.find(new OutPoint(third.txid(), 0)))
                .containsInstanceOf(UtxoState.Spent.class);
        // What was known is not told again.
        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        UtxoEvent.Received.class,
                        event ->
                                assertThat(event.utxo().outPoint().txid())
                                        .isEqualTo(second.txid()));
        // It goes on with what was found.
        mine(FakeChain.spend(List.of(new OutPoint(second.txid(), 0)), out(FRIEND, 1_500)));
        assertThat(unspent(one)).containsExactly(5_000L);
        disconnect();
        disconnect();
        assertThat(unspent(one)).containsExactly(2_000L);
    }

    @Test
    void aRequestWithoutABirthdayAndOneWhoseBlocksAreKnownHaveNothingRescanned() throws Exception {
        mine(chain.pay(ours, 1_000));
        coins.follow(one, keys);
        coins.rescan(one, 0);
        coins.rescan(one, 2);
        mine();
        coins.follow(two, keys.subList(0, 2));
        coins.rescan(two, 2);
        assertThat(rescan()).containsExactly(2);
        assertThat(unspent(one)).isEmpty();
    }

    @Test
    void onlySoManyBlocksAreSearched() throws Exception {
        mine(chain.pay(ours, 1_000));
        for (int i = 0; i < DEPTH; i++) {
            mine();
        }
        coins.follow(one, keys);
        coins.rescan(one, 1);
        assertThat(rescan()).hasSize(DEPTH).startsWith(2);
        assertThat(unspent(one)).isEmpty();
        // It is not looked for again.
        coins.follow(two, keys.subList(0, 2));
        coins.rescan(two, DEPTH + 1);
        assertThat(rescan()).containsExactly(DEPTH + 1);
    }

    @Test
    void onePassIsForAllAndWhatComesTooLateForItHasTheNext() throws Exception {
        mine(chain.pay(ours, 1_000));
        mine(chain.pay(ours, 2_000));
        mine();
        coins.follow(one, keys);
        coins.rescan(one, 2);
        coins.follow(two, keys.subList(0, 2));
        coins.rescan(two, 3);
        int height = coins.awaitRescan();
        assertThat(height).isEqualTo(2);
        assertThat(coins.rescan(2, blocks.get(1))).isEqualTo(CoinRescan.Step.GOES_ON);
        coins.follow(three, keys);
        coins.rescan(three, 1);
        assertThat(coins.rescan(3, blocks.get(2))).isEqualTo(CoinRescan.Step.DONE);
        assertThat(unspent(one)).containsExactly(2_000L);
        assertThat(rescan()).containsExactly(1, 2, 3);
        assertThat(unspent(one)).containsExactly(1_000L, 2_000L);
    }

    @Test
    void aPassEndsWhenNobodyNeedsItAndBeginsAgainOnAnotherChain() throws Exception {
        mine();
        mine();
        mine();
        coins.follow(one, keys);
        coins.rescan(one, 1);
        assertThat(coins.awaitRescan()).isEqualTo(1);
        assertThat(coins.rescan(1, blocks.get(0))).isEqualTo(CoinRescan.Step.GOES_ON);
        Block old = blocks.get(1);
        disconnect();
        disconnect();
        mine(chain.pay(ours, 1_000));
        mine();
        assertThat(coins.rescan(2, old)).isEqualTo(CoinRescan.Step.GOES_ON);
        assertThat(coins.rescan(3, blocks.get(2))).isEqualTo(CoinRescan.Step.BEGIN_AGAIN);
        assertThat(coins.rescan(3, old)).isEqualTo(CoinRescan.Step.BEGIN_AGAIN);
        assertThat(coins.rescan(4, old)).isEqualTo(CoinRescan.Step.BEGIN_AGAIN);
        assertThat(rescan()).containsExactly(1, 2, 3);
        assertThat(unspent(one)).containsExactly(1_000L);

        coins.follow(two, keys.subList(0, 2));
        coins.rescan(two, 1);
        assertThat(coins.awaitRescan()).isEqualTo(1);
        coins.forget(two);
        assertThat(coins.rescan(1, blocks.get(0))).isEqualTo(CoinRescan.Step.DONE);
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
