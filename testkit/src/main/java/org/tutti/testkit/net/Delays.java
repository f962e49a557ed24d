package org.tutti.testkit.net;

/// The one-way delay between two nodes: log-normal over all pairs, the same for a pair at all times
/// and in both directions, as distance is. Made of a hash, so that it does not depend on what
/// happened before.
final class Delays {
    private final long seed;
    private final double medianNanos;
    private final double sigma;

    Delays(long seed, NetworkSettings settings) {
        this.seed = seed;
        this.medianNanos = settings.medianDelay().toNanos();
        this.sigma = settings.sigma();
    }

    long nanos(int one, int other) {
        long pair = ((long) Math.min(one, other) << 32) | Math.max(one, other);
        long first = mix(seed ^ mix(pair));
        long second = mix(first ^ 0x9e3779b97f4a7c15L);
        // Box and Muller's two uniform numbers, the first above 0.
        double radius = Math.sqrt(-2 * Math.log(unit(first) + 0x1p-54));
        double normal = radius * Math.cos(2 * Math.PI * unit(second));
        return Math.max(1, Math.round(medianNanos * Math.exp(sigma * normal)));
    }

    private static double unit(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    /// The finaliser of SplitMix64.
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
