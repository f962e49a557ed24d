package org.tutti.signing;

import java.security.SecureRandom;
import java.util.Random;

/// Randomness determined by a seed, only for tests.
public final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final Random random;

    public SeededRandom(long seed) {
        this.random = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        if (random != null) {
            random.nextBytes(bytes);
        }
    }
}
