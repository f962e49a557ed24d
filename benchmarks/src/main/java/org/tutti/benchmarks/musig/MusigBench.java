package org.tutti.benchmarks.musig;

import org.tutti.benchmarks.Machine;
import org.tutti.benchmarks.musig.Comparison.Result;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `./tutti bench musig`: each operation for n signers, the bare native call and our public
/// operation in turn in one run.
public final class MusigBench {
    private static final int[] SIGNERS = {2, 3, 10, 100, 1000};
    private static final String[] OPERATIONS = {
        "key aggregation",
        "nonce generation",
        "nonce aggregation",
        "partial sign",
        "partial verify",
        "signature aggregation",
        "schnorr sign",
        "schnorr verify"
    };
    private static final long FIRST_WARM_UP_NANOS = 6_000_000_000L;
    private static final long WARM_UP_NANOS = 400_000_000;

    private MusigBench() {}

    /// Measures and prints a table, or one JSON object.
    ///
    /// @throws IOException if the machine's forced write cannot be measured
    public static void run(boolean json, PrintStream out) throws IOException {
        Machine machine = Machine.at(Path.of(System.getProperty("java.io.tmpdir")));
        if (!json) {
            out.println(machine.line());
            out.printf(
                    Locale.ROOT,
                    "warm-up %d ms for all and %d ms for each line, then %d rounds in turn;"
                            + " medians%n%n",
                    FIRST_WARM_UP_NANOS / 1_000_000,
                    WARM_UP_NANOS / 1_000_000,
                    Comparison.ROUNDS);
            out.printf(
                    "%-26s %5s %12s %12s %7s%n", "operation", "n", "bare µs", "ours µs", "ratio");
        }
        warmUp();
        List<Result> results = new ArrayList<>();
        for (int signers : SIGNERS) {
            for (Result result : measure(signers)) {
                results.add(result);
                if (!json) {
                    print(result, out);
                }
            }
        }
        if (json) {
            out.println(json(machine, results));
        }
    }

    /// Runs all operations in turn, repeatedly, so that the first lines are not slower than the
    /// last.
    private static void warmUp() {
        try (Group group = new Group(2);
                BareCalls bare = new BareCalls(group)) {
            List<Comparison.TimedOperation> operations = operations(bare, new OurOperations(group));
            long end = System.nanoTime() + FIRST_WARM_UP_NANOS;
            while (System.nanoTime() < end) {
                operations.forEach(operation -> Comparison.batch(operation, 64));
            }
        }
    }

    private static List<Comparison.TimedOperation> operations(BareCalls bare, OurOperations ours) {
        return List.of(
                bare.aggregateKeys(),
                ours.aggregateKeys(),
                bare.generateNonce(),
                ours.generateNonce(),
                bare.aggregateNonces(),
                ours.aggregateNonces(),
                bare.signPartial(),
                ours.signPartial(),
                bare.verifyPartial(),
                ours.verifyPartial(),
                bare.aggregatePartials(),
                ours.aggregatePartials(),
                bare.signSchnorr(),
                ours.signSchnorr(),
                bare.verifySchnorr(),
                ours.verifySchnorr());
    }

    private static List<Result> measure(int signers) {
        try (Group group = new Group(signers);
                BareCalls bare = new BareCalls(group)) {
            OurOperations ours = new OurOperations(group);
            List<Comparison.TimedOperation> operations = operations(bare, ours);
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < OPERATIONS.length; i++) {
                results.add(
                        Comparison.measure(
                                OPERATIONS[i],
                                signers,
                                WARM_UP_NANOS,
                                operations.get(2 * i),
                                operations.get(2 * i + 1)));
            }
            return results;
        }
    }

    private static void print(Result result, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-26s %5d %12.2f %12.2f %7.3f%n",
                result.operation(),
                result.n(),
                result.bareMicros(),
                result.ourMicros(),
                result.ratio());
        out.flush();
    }

    private static String json(Machine machine, List<Result> results) {
        StringBuilder text = new StringBuilder("{\"benchmark\":\"musig\",\"machine\":");
        text.append(machine.json());
        text.append(",\"warmUpMillis\":").append(FIRST_WARM_UP_NANOS / 1_000_000);
        text.append(",\"warmUpMillisPerLine\":").append(WARM_UP_NANOS / 1_000_000);
        text.append(",\"results\":[");
        for (int i = 0; i < results.size(); i++) {
            Result result = results.get(i);
            text.append(i == 0 ? "" : ",")
                    .append(
                            String.format(
                                    Locale.ROOT,
                                    "{\"operation\":\"%s\",\"n\":%d,\"bareMicros\":%.3f,"
                                            + "\"ourMicros\":%.3f,\"ratio\":%.4f}",
                                    result.operation(),
                                    result.n(),
                                    result.bareMicros(),
                                    result.ourMicros(),
                                    result.ratio()));
        }
        return text.append("]}").toString();
    }

    /// Runs without the launcher: `--json` for JSON.
    public static void main(String[] arguments) throws IOException {
        run(List.of(arguments).contains("--json"), System.out);
    }
}
