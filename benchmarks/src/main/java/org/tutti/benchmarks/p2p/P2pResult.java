package org.tutti.benchmarks.p2p;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `P2pBench` measured.
///
/// @param connectionsPerCpuSecond fresh connections, each with identify and one ping, per second of
///   CPU time of both processes together
/// @param pingP50Micros median round trip on an open stream
/// @param silentPingP50Micros median round trip on it after a second in which nothing happened
/// @param waitingCores CPU time of both processes by time on the wall, over those seconds
/// @param mibPerSecond payload in the slower direction, by the clock on the wall
/// @param mibPerCpuSecond payload in the slower direction, per second of CPU time of both processes
public record P2pResult(
        double connectionsPerCpuSecond,
        double pingP50Micros,
        double silentPingP50Micros,
        double waitingCores,
        double mibPerSecond,
        double mibPerCpuSecond) {
    /// One JSON object.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"connectionsPerCpuSecond\":%.0f,\"pingP50Micros\":%.1f,"
                        + "\"silentPingP50Micros\":%.1f,\"waitingCores\":%.5f,"
                        + "\"mibPerSecond\":%.0f,\"mibPerCpuSecond\":%.0f}",
                connectionsPerCpuSecond,
                pingP50Micros,
                silentPingP50Micros,
                waitingCores,
                mibPerSecond,
                mibPerCpuSecond);
    }

    /// What `json` writes, of whatever program.
    ///
    /// @throws IllegalArgumentException if it is something else
    static P2pResult parse(String json) {
        return new P2pResult(
                number(json, "connectionsPerCpuSecond"),
                number(json, "pingP50Micros"),
                number(json, "silentPingP50Micros"),
                number(json, "waitingCores"),
                number(json, "mibPerSecond"),
                number(json, "mibPerCpuSecond"));
    }

    private static double number(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\":([0-9.eE+-]+)").matcher(json);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no " + field + " in " + json);
        }
        return Double.parseDouble(matcher.group(1));
    }

    /// The median of each.
    static P2pResult median(List<P2pResult> results) {
        return new P2pResult(
                median(results, P2pResult::connectionsPerCpuSecond),
                median(results, P2pResult::pingP50Micros),
                median(results, P2pResult::silentPingP50Micros),
                median(results, P2pResult::waitingCores),
                median(results, P2pResult::mibPerSecond),
                median(results, P2pResult::mibPerCpuSecond));
    }

    private static double median(List<P2pResult> results, ToDoubleFunction<P2pResult> field) {
        double[] sorted = results.stream().mapToDouble(field).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
