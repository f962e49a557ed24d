package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.stream.LongStream;

/// Simulated worlds with the real wallet and payments above the engine, and a chain that is
/// reorganised: nothing is paid twice, and what each tells of its payments is what its chain has.
/// Each seed is one world, and repeats exactly: `-Dtutti.world=SEED` runs that one alone.
class PaymentWorldsTest {
    static final int SEEDS = 500;
    private static final int HITS = 50;

    @Test
    void noPaymentIsMadeTwice() {
        Long only = Long.getLong("tutti.world");
        if (only != null) {
            liveAll(LongStream.of(only));
            return;
        }
        WorldCounts counts = liveAll(WorldsTest.inOrder(0, SEEDS));
        for (WorldFault fault : WorldFault.values()) {
            assertThat(counts.of(fault)).as("%s hits a live phase", fault).isGreaterThan(HITS);
        }
        assertThat(counts.of("broadcasts")).isGreaterThan(SEEDS);
        assertThat(counts.of("payments told as the chain has them")).isGreaterThan(100 * SEEDS);
    }

    @Test
    @Tag("nightly")
    void noPaymentOfManyIsMadeTwice() {
        liveAll(WorldsTest.inOrder(10_000, 40_000));
    }

    private static WorldCounts liveAll(LongStream seeds) {
        return new PaymentWorldRun().runAll(seeds, PaymentWorldsTest.class);
    }
}
