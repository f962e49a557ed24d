package org.tutti.benchmarks.musig;

import java.util.Arrays;

/// Two implementations of one operation, timed alternately in one run, so that disturbances of the
/// machine affect both.
///
/// A round times a batch of each; which of the two is first alternates. The figures are medians
/// over the rounds; the ratio is the median of the rounds' ratios.
final class Comparison {
    static final int ROUNDS = 41;

    // So few that the prepared data of a batch stays in the caches, as in a round of signing.
    private static final int MAX_RUNS = 256;

    private static final long BATCH_NANOS = 4_000_000;

    private Comparison() {}

    /// One implementation: prepared for a number of runs, untimed; then run that often.
    interface TimedOperation {
        void prepare(int runs);

        void run(int index);

        /// Untimed, after a batch.
        default void cleanUp() {}
    }

    /// The result of one comparison.
    ///
    /// @param operation what was done
    /// @param n signers
    /// @param bareMicros the bare native call
    /// @param ourMicros the public operation
    /// @param ratio ours divided by bare
    record Result(String operation, int n, double bareMicros, double ourMicros, double ratio) {}

    static Result measure(
            String operation, int n, long warmUpNanos, TimedOperation bare, TimedOperation ours) {
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

    /// Runs both until each was timed for `nanos` in total, or until five times that has passed,
    /// preparation included. Returns how many runs make a batch of the intended length.
    private static int warmUp(long nanos, TimedOperation bare, TimedOperation ours) {
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

    static double batch(TimedOperation operation, int runs) {
        operation.prepare(runs);
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            operation.run(i);
        }
        double nanos = (double) (System.nanoTime() - start) / runs;
        operation.cleanUp();
        return nanos;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
