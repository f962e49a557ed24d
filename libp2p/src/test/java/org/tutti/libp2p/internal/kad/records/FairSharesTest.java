package org.tutti.libp2p.internal.kad.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

class FairSharesTest {
    /// Against the sums of what is in it.
    @Test
    void itNeverHoldsMoreThanItsBoundsAndKnowsWhatItHolds() {
        Bound total = new Bound(40, 4_000);
        Bound perPrefix = new Bound(20, 2_000);
        Bound perPeer = new Bound(8, 1_000);
        FairShares<Integer> shares = new FairShares<>(total, perPrefix, perPeer);
        Map<Integer, Integer> model = new HashMap<>();
        Map<Integer, Source> sources = new HashMap<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            int key = random.nextInt(200);
            if (random.nextInt(5) == 0) {
                shares.remove(key);
                model.remove(key);
            } else {
                int prefix = random.nextInt(5);
                Source source =
                        new Source(
                                stranger(prefix * 10 + random.nextInt(4)),
                                "address",
                                "prefix" + prefix);
                int size = 1 + random.nextInt(200);
                model.put(key, size);
                sources.put(key, source);
                shares.put(key, source, size).forEach(model::remove);
            }
            assertThat(shares.size()).isEqualTo(model.size()).isLessThanOrEqualTo(40);
            assertThat(shares.bytes())
                    .isEqualTo(model.values().stream().mapToLong(n -> n).sum())
                    .isLessThanOrEqualTo(4_000);
            Source last = sources.get(key);
            if (last != null) {
                assertThat(
                                model.keySet().stream()
                                        .filter(k -> sources.get(k).prefix().equals(last.prefix())))
                        .hasSizeLessThanOrEqualTo(20);
                assertThat(model.keySet().stream().filter(k -> sources.get(k).equals(last)))
                        .hasSizeLessThanOrEqualTo(8);
            }
        }
        model.keySet().forEach(shares::remove);
        assertThat(shares.bytes()).isZero();
    }

    @Test
    void aBoundLetsAtLeastSomethingIn() {
        assertThatThrownBy(() -> new Bound(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bound(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
