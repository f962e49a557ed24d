package org.tutti.benchmarks.simulation;

import org.tutti.testkit.kad.KadExperiment;
import org.tutti.testkit.kad.KadExperiment.Row;
import org.tutti.testkit.kad.KadExperiment.Scenario;
import org.tutti.testkit.kad.Sample;
import org.tutti.testkit.svg.Chart;
import org.tutti.testkit.svg.Chart.Point;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The DHT in a simulated network: one line a scenario, and a report of figures and charts.
public final class KadSimulation {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private KadSimulation() {}

    /// Runs the scenarios, tells of each as it ends, and writes the report of those so far.
    ///
    /// @param lookups for each seed
    /// @param seeds how many of those in [KadExperiment#SEEDS]
    /// @param folder of the report
    /// @throws UncheckedIOException if the report cannot be written
    public static List<Row> run(
            int nodes,
            int lookups,
            int seeds,
            Set<Scenario> scenarios,
            Optional<Path> folder,
            PrintStream out) {
        long started = System.nanoTime();
        KadExperiment experiment =
                new KadExperiment(nodes, lookups, KadExperiment.SEEDS.subList(0, seeds), scenarios);
        Map<String, Row> done = new LinkedHashMap<>();
        List<Row> rows =
                experiment.run(row -> {
                    out.printf("%6.0f s  %s%n", (System.nanoTime() - started) / 1e9, text(row));
                    out.flush();
                    done.put(row.name(), row);
                    report(nodes, done.values(), folder);
                });
        report(nodes, rows, folder);
        return rows;
    }

    private static String text(Row row) {
        Sample sample = row.sample();
        return String.format(
                Locale.ROOT,
                "%-26s %6d look-ups, %7.3f %% succeed; hops %.2f, p99.9 %d; messages %.1f, p99 %.0f,"
                        + " max %.0f; p50 %.0f ms, p99 %.0f ms %s",
                row.name(),
                sample.attempts(),
                100 * sample.success(),
                sample.meanHops(),
                sample.hops(0.999),
                sample.meanMessages(),
                sample.messages(0.99),
                sample.messages(1),
                sample.millis(0.5),
                sample.millis(0.99),
                row.extra());
    }

    /// One row as a JSON object.
    public static String json(int nodes, Row row) {
        Sample sample = row.sample();
        ObjectNode object = MAPPER.createObjectNode();
        object.put("scenario", row.name());
        object.put("nodes", nodes);
        object.put("lookups", sample.attempts());
        object.put("success", sample.success());
        object.put("hopsMean", sample.meanHops());
        object.put("hopsP999", sample.hops(0.999));
        object.put("messagesMean", sample.meanMessages());
        object.put("messagesP99", sample.messages(0.99));
        object.put("messagesMax", sample.messages(1));
        object.put("millisP50", sample.millis(0.5));
        object.put("millisP99", sample.millis(0.99));
        row.extra().forEach(object::put);
        return object.toString();
    }

    private static void report(int nodes, Collection<Row> rows, Optional<Path> folder) {
        if (folder.isPresent()) {
            try {
                report(nodes, rows, folder.get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Writes `kad-simulation-NODES.jsonl` and charts into a folder; those over the number of nodes
    /// from all such files that are there.
    private static void report(int nodes, Collection<Row> rows, Path folder) throws IOException {
        List<String> lines = rows.stream().map(row -> json(nodes, row)).toList();
        Files.write(folder.resolve("kad-simulation-" + nodes + ".jsonl"), lines);
        Chart messages =
                new Chart(
                        "Messages per look-up, " + nodes + " nodes",
                        "requests sent, time-outs included",
                        "share of look-ups");
        Chart times =
                new Chart(
                                "Time of a look-up, " + nodes + " nodes",
                                "milliseconds",
                                "share of look-ups")
                        .logarithmicX();
        for (Row row : rows) {
            if (!row.name().startsWith("targeted") && !row.name().startsWith("eclipse")) {
                messages.line(row.name(), Chart.cumulative(row.sample().allMessages()));
                times.line(row.name(), Chart.cumulative(row.sample().allMillis()));
            }
        }
        Files.writeString(folder.resolve("kad-messages-" + nodes + ".svg"), messages.svg());
        Files.writeString(folder.resolve("kad-millis-" + nodes + ".svg"), times.svg());
        sizes(folder);
    }

    /// Hops, messages and memory against the number of nodes.
    private static void sizes(Path folder) throws IOException {
        List<JsonNode> baselines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(f -> f.toString().matches(".*kad-simulation-\\d+\\.jsonl"))
                            .toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode row = MAPPER.readTree(line);
                    if (row.path("scenario").asString().equals("baseline")) {
                        baselines.add(row);
                    }
                }
            }
        }
        baselines.sort(Comparator.comparingInt(row -> row.path("nodes").asInt()));
        String x = "log2 of the number of nodes";
        Files.writeString(
                folder.resolve("kad-hops.svg"),
                new Chart("Referrals to the answer", x, "hops")
                        .line("mean", points(baselines, "hopsMean", 1))
                        .line("p99.9", points(baselines, "hopsP999", 1))
                        .svg());
        Files.writeString(
                folder.resolve("kad-messages.svg"),
                new Chart("Messages per look-up", x, "requests sent")
                        .line("mean", points(baselines, "messagesMean", 1))
                        .line("p99", points(baselines, "messagesP99", 1))
                        .line("most", points(baselines, "messagesMax", 1))
                        .svg());
        Files.writeString(
                folder.resolve("kad-memory.svg"),
                new Chart("Memory of a node, its connections included", x, "KiB")
                        .line("a node", points(baselines, "bytesPerNode", 1024))
                        .svg());
    }

    private static List<Point> points(List<JsonNode> rows, String field, double unit) {
        return rows.stream()
                .map(row ->
                        new Point(
                                Math.log(row.path("nodes").asInt()) / Math.log(2),
                                row.path(field).asDouble() / unit))
                .toList();
    }
}
