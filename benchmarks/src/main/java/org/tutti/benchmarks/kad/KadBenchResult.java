package org.tutti.benchmarks.kad;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What one run measured, medians in milliseconds.
///
/// @param nodes servers in one process
/// @param rounds values put and got in each alternation
/// @param alternations between ours and theirs
public record KadBenchResult(
        int nodes, int rounds, int alternations, Figures ours, List<Theirs> against) {
    public KadBenchResult {
        against = List.copyOf(against);
    }

    /// @param firstLookupMillis of a fresh process, from the end of identify to the value
    public record Figures(double putMillis, double getMillis, double firstLookupMillis) {
        private String json() {
            return String.format(
                    Locale.ROOT,
                    "\"putMillis\":%.3f,\"getMillis\":%.3f,\"firstLookupMillis\":%.1f",
                    putMillis,
                    getMillis,
                    firstLookupMillis);
        }

        private String line() {
            return String.format(
                    Locale.ROOT,
                    "put %8.3f ms  get %8.3f ms  first look-up %8.1f ms",
                    putMillis,
                    getMillis,
                    firstLookupMillis);
        }
    }

    /// The same of another program.
    public record Theirs(String name, Figures figures) {}

    /// One line.
    public String json() {
        String theirs =
                against.stream()
                        .map(t -> "\"" + t.name + "\":{" + t.figures.json() + "}")
                        .collect(Collectors.joining(","));
        return String.format(
                Locale.ROOT,
                "{\"nodes\":%d,\"rounds\":%d,\"alternations\":%d,%s,\"against\":{%s}}",
                nodes,
                rounds,
                alternations,
                ours.json(),
                theirs);
    }

    /// For people.
    public String table() {
        StringBuilder text =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "%d nodes in one process, medians of %d alternations of %d rounds%n",
                                nodes,
                                alternations,
                                rounds));
        text.append(String.format(Locale.ROOT, "  %-6s %s%n", "tutti", ours.line()));
        against.forEach(t ->
                text.append(String.format(Locale.ROOT, "  %-6s %s%n", t.name, t.figures.line())));
        return text.toString();
    }
}
