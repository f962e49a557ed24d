package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.Ping;

import java.time.Instant;
import java.util.Collections;

class RateLimiterTest {
    private static final Instant START = Instant.ofEpochSecond(1_800_000_000);

    @Test
    void aFloodOfSmallMessagesRunsOutOfTokensAndGetsThemBackWithTime() {
        RateLimiter limiter = new RateLimiter(START);
        for (int i = 0; i < RateLimiter.CAPACITY; i++) {
            assertThat(limiter.pay(new Ping(i), START)).isTrue();
        }
        assertThat(limiter.pay(new Ping(0), START)).isFalse();
        assertThat(limiter.pay(new Ping(0), START.plusSeconds(1))).isTrue();
    }

    @Test
    void aFewFullInventoriesRunOutOfTokens() {
        RateLimiter limiter = new RateLimiter(START);
        InventoryItem item = new InventoryItem.Transaction(Txid.ZERO, false);
        Inv full = new Inv(Collections.nCopies(50_000, item));
        for (int i = 0; i < RateLimiter.CAPACITY / 501; i++) {
            assertThat(limiter.pay(full, START)).isTrue();
        }
        assertThat(limiter.pay(full, START)).isFalse();
    }
}
