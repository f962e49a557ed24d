package org.tutti.signing.internal.engine;

import java.util.function.LongConsumer;

/// Runs one world from its first to its last moment.
public class WorldRun implements LongConsumer {
    void run(long seed, WorldCounts counts) {
        try (World world = new World(seed, counts, this::chain)) {
            world.live();
        }
    }

    /// The chain of a world, and the wallets that look at it.
    WorldChain chain(World world) {
        return new WorldChain(world);
    }

    /// @throws AssertionError if the world of this seed breaks a promise
    @Override
    public void accept(long seed) {
        run(seed, new WorldCounts());
    }
}
