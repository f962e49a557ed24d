package org.tutti.lightclient.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.Ping;

import java.time.Instant;
import java.util.Collections;

/// Rate limits and addresses.
class PeerRulesTest {
    private static final Instant START = Instant.ofEpochSecond(1_800_000_000);

    @Test
    void aFloodOfSmallMessagesRunsOutOfBudgetAndGetsItBackWithTime() {
        RateLimiter budget = new RateLimiter(START);
        for (int i = 0; i < RateLimiter.CAPACITY; i++) {
            assertThat(budget.pay(new Ping(i), START)).isTrue();
        }
        assertThat(budget.pay(new Ping(0), START)).isFalse();
        assertThat(budget.pay(new Ping(0), START.plusSeconds(1))).isTrue();
    }

    @Test
    void aFewFullInventoriesRunOutOfBudget() {
        RateLimiter budget = new RateLimiter(START);
        InventoryItem item = new InventoryItem.Transaction(Txid.ZERO, false);
        Inv full = new Inv(Collections.nCopies(50_000, item));
        for (int i = 0; i < RateLimiter.CAPACITY / 501; i++) {
            assertThat(budget.pay(full, START)).isTrue();
        }
        assertThat(budget.pay(full, START)).isFalse();
    }

    @Test
    void addressesAreReadAsPeopleWriteThem() {
        assertThat(PeerAddress.parse("127.0.0.1:18444"))
                .isEqualTo(new PeerAddress("127.0.0.1", 18_444));
        assertThat(PeerAddress.parse("[::1]:1")).isEqualTo(new PeerAddress("::1", 1));
        assertThat(PeerAddress.parse("[::1]:1")).hasToString("[::1]:1");
        for (String bad : new String[] {"", "host", ":1", "host:0", "host:65536", "host:x"}) {
            assertThatThrownBy(() -> PeerAddress.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
