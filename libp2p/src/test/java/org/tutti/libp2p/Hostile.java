package org.tutti.libp2p;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Hostile input that is the same in every run: random bytes, and well-formed bytes with a few
/// changes, cuts and repetitions.
public final class Hostile {
    private final RandomGenerator random;

    public Hostile(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /// What a test does with one input; only the typed exceptions that it catches itself may come
    /// out.
    @FunctionalInterface
    public interface Target {
        void accept(byte[] input) throws Exception;
    }

    /// Gives `rounds` inputs to the target and fails with the input that made it throw.
    public void feed(int rounds, List<byte[]> wellFormed, Target target) {
        for (int i = 0; i < rounds; i++) {
            byte[] input =
                    i % 4 == 0
                            ? random(random.nextInt(120))
                            : mutate(wellFormed.get(random.nextInt(wellFormed.size())));
            try {
                target.accept(input);
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError(
                        "input " + java.util.HexFormat.of().formatHex(input) + " made it throw", e);
            }
        }
    }

    public byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    public byte[] mutate(byte[] original) {
        byte[] bytes = original.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            bytes = change(bytes);
        }
        return bytes;
    }

    private byte[] change(byte[] bytes) {
        if (bytes.length == 0) {
            return random(1 + random.nextInt(8));
        }
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(5)) {
            case 0 -> java.util.Arrays.copyOf(bytes, at);
            case 1 -> splice(bytes, at, at, random(1 + random.nextInt(4)));
            case 2 ->
                    splice(
                            bytes,
                            at,
                            Math.min(bytes.length, at + 1 + random.nextInt(4)),
                            random(0));
            case 3 -> splice(bytes, at, at, java.util.Arrays.copyOfRange(bytes, 0, at));
            default -> {
                byte[] changed = bytes.clone();
                changed[at] = (byte) random.nextInt();
                yield changed;
            }
        };
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
        byte[] out = new byte[from + middle.length + bytes.length - to];
        System.arraycopy(bytes, 0, out, 0, from);
        System.arraycopy(middle, 0, out, from, middle.length);
        System.arraycopy(bytes, to, out, from + middle.length, bytes.length - to);
        return out;
    }
}
