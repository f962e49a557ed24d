package org.tutti.signing.service;

import java.security.SecureRandom;
import java.util.Random;

/// Randomness that a seed fixes, for tests alone.
final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final Random random;

    SeededRandom(long seed) {
        this.random = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        if (random != null) {
            random.nextBytes(bytes);
        }
    }
}
