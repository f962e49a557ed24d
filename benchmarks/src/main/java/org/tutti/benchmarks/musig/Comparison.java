package org.tutti.benchmarks.musig;

import java.util.Arrays;

/// Two ways to do one thing, timed in turn in one run, so that whatever disturbs the machine
/// disturbs both.
///
/// A round times a batch of the one and a batch of the other, each time the other first. The
/// figures are medians over the rounds; the ratio is the median of the rounds' ratios.
final class Comparison {
    static final int ROUNDS = 41;

    // So few that what a batch makes ready stays in the caches, as in a round of signing.
    private static final int MAX_RUNS = 256;

    private static final long BATCH_NANOS = 4_000_000;

    private Comparison() {}

    /// One way: made ready for a number of runs, untimed; then run that often.
    interface Way {
        void prepare(int runs);

        void run(int index);

        /// Untimed, after a batch.
        default void cleanUp() {}
    }

    /// What came out.
    ///
    /// @param operation what was done
    /// @param n signers
    /// @param bareMicros the bare native call
    /// @param ourMicros the public operation
    /// @param ratio ours divided by bare
    record Result(String operation, int n, double bareMicros, double ourMicros, double ratio) {}

    static Result measure(String operation, int n, long warmUpNanos, Way bare, Way ours) {
        int runs = warmUp(warmUpNanos, bare, ours);
        double[] bareNanos = new double[ROUNDS];
        double[] ourNanos = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            boolean bareFirst = round % 2 == 0;
            if (bareFirst) {
                bareNanos[round] = batch(bare, runs);
            }
            ourNanos[round] = batch(ours, runs);
            if (!bareFirst) {
                bareNanos[round] = batch(bare, runs);
            }
            ratios[round] = ourNanos[round] / bareNanos[round];
        }
        return new Result(
                operation, n, median(bareNanos) / 1e3, median(ourNanos) / 1e3, median(ratios));
    }

    /// Runs both until each was timed for `nanos` in all, or five times that has passed, what was
    /// made ready included. Returns how many runs make a batch of the wanted length.
    private static int warmUp(long nanos, Way bare, Way ours) {
        long end = System.nanoTime() + 5 * nanos;
        double spent = 0;
        int runs = 4;
        while (spent < nanos && System.nanoTime() < end) {
            double each = batch(bare, runs);
            spent += each * runs;
            batch(ours, runs);
            runs = Math.clamp((long) (BATCH_NANOS / each), 2, MAX_RUNS);
        }
        return runs;
    }

    static double batch(Way way, int runs) {
        way.prepare(runs);
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            way.run(i);
        }
        double nanos = (double) (System.nanoTime() - start) / runs;
        way.cleanUp();
        return nanos;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
