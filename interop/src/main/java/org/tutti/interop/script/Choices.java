package org.tutti.interop.script;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Everything that a case is made of at random, from one seed: the same seed, the same case.
final class Choices {
    private final RandomGenerator random;

    Choices(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /// `least` to `most`, both included.
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    long anyLong() {
        return random.nextLong();
    }

    /// A value of 32 bits, unsigned.
    long anyU32() {
        return random.nextInt() & 0xffff_ffffL;
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    <T> T of(List<T> items) {
        return items.get(below(items.size()));
    }

    @SafeVarargs
    final <T> T oneOf(T... items) {
        return items[below(items.length)];
    }

    int of(int... items) {
        return items[below(items.length)];
    }

    /// A number that opcodes take, small or at an edge more often than not.
    long operand() {
        return switch (below(4)) {
            case 0 -> between(-1, 16);
            case 1 -> of(0, 1, -1, 127, 128, -128, 255, 256, 32_767, 32_768, -32_768);
            case 2 -> of(Integer.MAX_VALUE, -Integer.MAX_VALUE, 0x7f_ffff, 0x80_0000);
            default -> between(-1_000_000, 1_000_000);
        };
    }
}
