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
                    "warm-up %d ms for each line, then 41 rounds in turn; medians%n%n",
                    WARM_UP_NANOS / 1_000_000);
            out.printf(
                    "%-26s %5s %12s %12s %7s%n", "operation", "n", "bare µs", "ours µs", "ratio");
        }
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

    private static List<Result> measure(int signers) {
        try (Group group = new Group(signers);
                BareCalls bare = new BareCalls(group)) {
            OurOperations ours = new OurOperations(group);
            List<Result> results = new ArrayList<>();
            add(results, "key aggregation", signers, bare.aggregateKeys(), ours.aggregateKeys());
            add(results, "nonce generation", signers, bare.generateNonce(), ours.generateNonce());
            add(
                    results,
                    "nonce aggregation",
                    signers,
                    bare.aggregateNonces(),
                    ours.aggregateNonces());
            add(results, "partial sign", signers, bare.signPartial(), ours.signPartial());
            add(results, "partial verify", signers, bare.verifyPartial(), ours.verifyPartial());
            add(
                    results,
                    "signature aggregation",
                    signers,
                    bare.aggregatePartials(),
                    ours.aggregatePartials());
            add(results, "schnorr sign", signers, bare.signSchnorr(), ours.signSchnorr());
            add(results, "schnorr verify", signers, bare.verifySchnorr(), ours.verifySchnorr());
            return results;
        }
    }

    private static void add(
            List<Result> results,
            String operation,
            int signers,
            Comparison.Way bare,
            Comparison.Way ours) {
        results.add(Comparison.measure(operation, signers, WARM_UP_NANOS, bare, ours));
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
        text.append(",\"warmUpMillis\":").append(WARM_UP_NANOS / 1_000_000);
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

    /// Runs by itself, for whoever has the class path: `--json` for JSON.
    public static void main(String[] arguments) throws IOException {
        run(List.of(arguments).contains("--json"), System.out);
    }
}
