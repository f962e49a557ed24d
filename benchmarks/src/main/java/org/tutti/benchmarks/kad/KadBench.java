package org.tutti.benchmarks.kad;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.PeerProgram;
import org.tutti.benchmarks.SameJvm;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Values put and got among nodes of one process that is warm, in turn with other programs that do
/// the same; and what a fresh process waits for its first value.
public final class KadBench {
    /// Until the JVM has compiled what is used.
    private static final int WARM_UP = 2_000;

    private static final int STARTS = 20;

    private KadBench() {}

    /// @param nodes servers, 2 to 100
    /// @param rounds values put and got in each alternation
    /// @param alternations between ours and theirs, whose medians count
    public static KadBenchResult run(
            int nodes, int rounds, int alternations, List<PeerProgram> against)
            throws IOException, InterruptedException {
        List<KadBenchResult.Figures> ours = new ArrayList<>();
        List<List<KadBenchResult.Figures>> theirs = new ArrayList<>();
        against.forEach(_ -> theirs.add(new ArrayList<>()));
        double first;
        try (KadNodes all = KadNodes.start(nodes)) {
            for (int i = 0; i < WARM_UP; i++) {
                var _ = all.next();
            }
            for (int i = 0; i < alternations; i++) {
                ours.add(measure(all, rounds));
                for (int other = 0; other < against.size(); other++) {
                    theirs.get(other).add(measured(against.get(other), nodes, rounds));
                }
            }
            first = firstLookup(all.address(), all.lastKey());
        }
        List<KadBenchResult.Theirs> named = new ArrayList<>();
        for (int other = 0; other < against.size(); other++) {
            List<KadBenchResult.Figures> figures = theirs.get(other);
            named.add(
                    new KadBenchResult.Theirs(
                            against.get(other).name(),
                            new KadBenchResult.Figures(
                                    median(figures, KadBenchResult.Figures::putMillis),
                                    median(figures, KadBenchResult.Figures::getMillis),
                                    median(figures, KadBenchResult.Figures::firstLookupMillis))));
        }
        return new KadBenchResult(
                nodes,
                rounds,
                alternations,
                new KadBenchResult.Figures(
                        median(ours, KadBenchResult.Figures::putMillis),
                        median(ours, KadBenchResult.Figures::getMillis),
                        first),
                named);
    }

    private static KadBenchResult.Figures measure(KadNodes all, int rounds) throws IOException {
        List<KadNodes.Round> measured = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            measured.add(all.next());
        }
        return new KadBenchResult.Figures(
                median(measured, KadNodes.Round::putMillis),
                median(measured, KadNodes.Round::getMillis),
                0);
    }

    private static double firstLookup(Multiaddr address, Bytes key)
            throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            millis.add(start(address, key) / 1e6);
        }
        return median(millis, Double::doubleValue);
    }

    private static long start(Multiaddr address, Bytes key)
            throws IOException, InterruptedException {
        List<String> command =
                SameJvm.command(
                        KadStart.class, List.of(), List.of(address.toString(), key.toHex()));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String line = process.inputReader().readLine();
        if (process.waitFor() != 0 || line == null) {
            throw new IOException("the other process ended");
        }
        return Long.parseLong(line);
    }

    private static <T> double median(List<T> all, ToDoubleFunction<T> of) {
        double[] sorted = all.stream().mapToDouble(of).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static KadBenchResult.Figures measured(PeerProgram program, int nodes, int rounds)
            throws IOException, InterruptedException {
        String line = program.measure("\"bench-kad\"", "bench-kad", nodes, rounds);
        return new KadBenchResult.Figures(
                PeerProgram.field(line, "putMillis"),
                PeerProgram.field(line, "getMillis"),
                PeerProgram.field(line, "firstLookupMillis"));
    }
}
