package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.stream.LongStream;

/// Whole groups under cheats and crashes together. Each seed is one world, and repeats exactly:
/// `-Dtutti.world=SEED` runs that one alone.
class WorldsTest {
    static final int SEEDS = 2_000;
    private static final int HITS = 200;

    @Test
    void noWorldBreaksAPromise() {
        Long only = Long.getLong("tutti.world");
        if (only != null) {
            liveAll(LongStream.of(only));
            return;
        }
        WorldCounts counts = liveAll(inOrder(0, SEEDS));
        for (WorldFault fault : WorldFault.values()) {
            assertThat(counts.of(fault)).as("%s hits a live phase", fault).isGreaterThan(HITS);
        }
    }

    @Test
    @Tag("nightly")
    void noWorldOfManyBreaksAPromise() {
        liveAll(inOrder(10_000, 110_000));
    }

    /// The cheap ones first.
    static LongStream inOrder(long from, long to) {
        return LongStream.range(from, to)
                .boxed()
                .sorted(Comparator.<Long>comparingInt(World::cost).thenComparing(seed -> seed))
                .mapToLong(seed -> seed);
    }

    private static WorldCounts liveAll(LongStream seeds) {
        return new WorldRun().runAll(seeds, WorldsTest.class);
    }
}
