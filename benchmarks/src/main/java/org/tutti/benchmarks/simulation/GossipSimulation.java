package org.tutti.benchmarks.simulation;

import org.tutti.testkit.gossip.Deliveries;
import org.tutti.testkit.gossip.GossipExperiment;
import org.tutti.testkit.gossip.GossipExperiment.Row;
import org.tutti.testkit.svg.Chart;
import org.tutti.testkit.svg.Chart.Point;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// GossipSub in a simulated network: one line a scenario, and a report of figures and charts.
public final class GossipSimulation {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private GossipSimulation() {}

    /// Runs all scenarios, tells of each as it ends, and writes the report of those so far.
    ///
    /// @param messages of each scenario
    /// @param seeds how many of those in [GossipExperiment#SEEDS]
    /// @param folder of the report
    /// @throws UncheckedIOException if the report cannot be written
    public static List<Row> run(
            int subscribers, int messages, int seeds, Optional<Path> folder, PrintStream out) {
        long started = System.nanoTime();
        GossipExperiment experiment =
                new GossipExperiment(
                        subscribers, messages, GossipExperiment.SEEDS.subList(0, seeds));
        Map<String, Row> done = new LinkedHashMap<>();
        List<Row> rows =
                experiment.run(row -> {
                    out.printf("%6.0f s  %s%n", (System.nanoTime() - started) / 1e9, text(row));
                    out.flush();
                    done.put(row.name(), row);
                    report(subscribers, done.values(), folder);
                });
        report(subscribers, rows, folder);
        return rows;
    }

    private static String text(Row row) {
        Deliveries deliveries = row.deliveries();
        return String.format(
                Locale.ROOT,
                "%-28s %5d messages, %d deliveries missing; to 99 %%: p50 %.0f ms, p99 %.0f ms;"
                        + " duplicates %.2f %s",
                row.name(),
                deliveries.messages(),
                deliveries.missing(),
                deliveries.millisTo99(0.5),
                deliveries.millisTo99(0.99),
                deliveries.duplicates(),
                row.extra());
    }

    /// One row as a JSON object. A time that is infinite, as deliveries are missing, is absent.
    public static String json(int subscribers, Row row) {
        Deliveries deliveries = row.deliveries();
        ObjectNode object = MAPPER.createObjectNode();
        object.put("scenario", row.name());
        object.put("subscribers", subscribers);
        object.put("messages", deliveries.messages());
        object.put("delivered", deliveries.delivered());
        object.put("missing", deliveries.missing());
        put(object, "to99MillisP50", deliveries.millisTo99(0.5));
        put(object, "to99MillisP99", deliveries.millisTo99(0.99));
        put(object, "millisP50", deliveries.millis(0.5));
        put(object, "millisP99", deliveries.millis(0.99));
        object.put("duplicates", deliveries.duplicates());
        row.extra().forEach(object::put);
        return object.toString();
    }

    private static void put(ObjectNode object, String name, double value) {
        if (Double.isFinite(value)) {
            object.put(name, value);
        }
    }

    private static void report(int subscribers, Collection<Row> rows, Optional<Path> folder) {
        if (folder.isPresent()) {
            try {
                report(subscribers, rows, folder.get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Writes `gossip-simulation-SUBSCRIBERS.jsonl` and charts into a folder.
    private static void report(int subscribers, Collection<Row> rows, Path folder)
            throws IOException {
        List<String> lines = rows.stream().map(row -> json(subscribers, row)).toList();
        Files.write(folder.resolve("gossip-simulation-" + subscribers + ".jsonl"), lines);
        Chart large =
                new Chart(
                        "Publishing to delivery, " + subscribers + " subscribers",
                        "milliseconds",
                        "share of deliveries");
        Chart groups =
                new Chart("Publishing to delivery in groups", "milliseconds", "share of deliveries")
                        .logarithmicX();
        for (Row row : rows) {
            List<Point> points = Chart.cumulative(row.deliveries().allMillis());
            if (row.name().startsWith("group of 5")) {
                groups.line(row.name(), points);
            } else if (!row.name().contains(" of ")) {
                large.line(row.name(), points);
            }
        }
        Files.writeString(folder.resolve("gossip-delivery-" + subscribers + ".svg"), large.svg());
        Files.writeString(folder.resolve("gossip-groups.svg"), groups.svg());
    }
}
