package org.tutti.signing.internal.engine;

import java.util.function.LongConsumer;

/// Runs one world from its first to its last moment.
public final class WorldRun implements LongConsumer {
    void run(long seed, WorldCounts counts) {
        try (World world = new World(seed, counts)) {
            world.live();
        }
    }

    /// @throws AssertionError if the world of this seed breaks a promise
    @Override
    public void accept(long seed) {
        run(seed, new WorldCounts());
    }
}
