package org.tutti.signing.internal.engine;

import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/// Runs one world from its first to its last moment.
public class WorldRun implements LongConsumer {
    void run(long seed, WorldCounts counts) {
        try (World world = new World(seed, counts, this::chain)) {
            world.live();
        }
    }

    /// Runs many worlds, on all cores, and prints what they did.
    ///
    /// @param test whose worlds they are, of the module `worlds`
    /// @throws AssertionError with the command that repeats the first world that breaks a promise
    WorldCounts runAll(LongStream seeds, Class<?> test) {
        WorldCounts counts = new WorldCounts();
        seeds.parallel()
                .forEach(seed -> {
                    WorldCounts own = new WorldCounts();
                    runOrExplain(seed, own, test);
                    counts.add(own);
                });
        System.out.println(counts);
        return counts;
    }

    private void runOrExplain(long seed, WorldCounts counts, Class<?> test) {
        try {
            run(seed, counts);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "world %d: %s%nmvn verify -pl worlds -am -Dtest=%s -Dsurefire.failIfNoSpecifiedTests=false -Dtutti.world=%d"
                            .formatted(seed, e.getMessage(), test.getSimpleName(), seed),
                    e);
        }
    }

    /// The chain of a group, and the wallets that look at it.
    WorldChain chain(WorldGroup group) {
        return new WorldChain(group);
    }

    /// @throws AssertionError if the world of this seed breaks a promise
    @Override
    public void accept(long seed) {
        run(seed, new WorldCounts());
    }
}
