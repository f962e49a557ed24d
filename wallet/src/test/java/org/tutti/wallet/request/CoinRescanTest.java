package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.coordinator.message.RequestId;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.CoinRescan;
import org.tutti.wallet.coins.UtxoStore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/// The thread that fetches old blocks, with a source that gives them when the test says so.
@Timeout(30)
class CoinRescanTest extends RequestFixture {
    private static final int BLOCKS = 30;

    private final CountDownLatch found = new CountDownLatch(1);
    private final RequestCoins coins = new RequestCoins(NETWORK, (_, _) -> found.countDown());
    private final FakeChain chain = new FakeChain(new UtxoStore(group.wallet));
    private final List<Block> blocks = new ArrayList<>();
    private final RequestId request = new RequestId(hash(1));

    private Duration rest = Duration.ZERO;

    private CoinRescan rescan(CoinRescan.Blocks source) {
        for (int i = 0; i < BLOCKS; i++) {
            if (i == 1) {
                chain.mine(chain.pay(ours, 1_000));
            } else {
                chain.mine();
            }
            blocks.add(chain.last());
            coins.blockConnected(chain.height(), chain.last().header(), chain.last());
        }
        coins.follow(request, group.publicKeys());
        coins.rescan(request, 1);
        CoinRescan rescan = new CoinRescan(coins, source, Duration.ofMillis(1), rest);
        rescan.start();
        return rescan;
    }

    private Optional<SerializedBlock> block(int height) {
        return Optional.of(SerializedBlock.of(blocks.get(height - 1)));
    }

    @Test
    void aBlockThatCannotBeHadIsAskedForAgainAndNotAllThatCameBefore() throws Exception {
        List<Integer> asked = new ArrayList<>();
        try (CoinRescan _ =
                rescan(height -> {
                    asked.add(height);
                    boolean missing =
                            height == 20 && asked.stream().filter(h -> h == 20).count() < 3;
                    return CompletableFuture.completedFuture(
                            missing ? Optional.empty() : block(height));
                })) {
            found.await();
            assertThat(coins.unspent(request)).hasSize(1);
            assertThat(asked.stream().filter(height -> height == 1)).hasSize(1);
            assertThat(asked.stream().filter(height -> height == 20)).hasSize(3);
        }
    }

    @Test
    void onlyAWindowOfBlocksIsAskedForAhead() throws Exception {
        List<CompletableFuture<Optional<SerializedBlock>>> asked = new ArrayList<>();
        CountDownLatch full = new CountDownLatch(CoinRescan.WINDOW);
        CoinRescan rescan =
                rescan(height -> {
                    CompletableFuture<Optional<SerializedBlock>> answer = new CompletableFuture<>();
                    synchronized (asked) {
                        asked.add(answer);
                    }
                    full.countDown();
                    return answer;
                });
        full.await();
        // One more only when the first is here: whatever comes after it waits.
        synchronized (asked) {
            assertThat(asked).hasSize(CoinRescan.WINDOW);
            asked.get(1).complete(block(2));
            assertThat(asked).hasSize(CoinRescan.WINDOW);
        }
        rescan.close();
    }

    @Test
    void whereTheChainHasChangedItBeginsAgainWithoutRest() throws Exception {
        rest = Duration.ofHours(1);
        AtomicBoolean changed = new AtomicBoolean();
        try (CoinRescan _ =
                rescan(height -> {
                    // Of another branch: it does not follow the one before.
                    boolean other = height == 20 && changed.compareAndSet(false, true);
                    return CompletableFuture.completedFuture(block(other ? 5 : height));
                })) {
            found.await();
            assertThat(coins.unspent(request)).hasSize(1);
            assertThat(changed).isTrue();
        }
    }

    @Test
    void afterAPassItRestsForEachOfItsBlocks() throws Exception {
        rest = Duration.ofHours(1);
        List<Integer> asked = new ArrayList<>();
        CoinRescan rescan =
                rescan(height -> {
                    asked.add(height);
                    return CompletableFuture.completedFuture(block(height));
                });
        found.await();
        RequestId another = new RequestId(hash(2));
        coins.follow(another, group.publicKeys().subList(0, 2));
        coins.rescan(another, 1);
        Thread.sleep(100); // It would have gone on at once.
        rescan.close();
        rescan.join();
        assertThat(asked).hasSize(BLOCKS);
    }

    @Test
    void itEndsWhileItWaits() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Future<Optional<SerializedBlock>> never = new CompletableFuture<>();
        CoinRescan rescan =
                rescan(_ -> {
                    asked.countDown();
                    return never;
                });
        asked.await();
        rescan.close();
        rescan.join();
        assertThat(coins.unspent(request)).isEmpty();
    }
}
