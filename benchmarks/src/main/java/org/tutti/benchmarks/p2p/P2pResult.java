package org.tutti.benchmarks.p2p;

import java.util.Locale;

/// What `P2pBench` measured.
///
/// @param connectionsPerCpuSecond fresh connections, each with identify and one ping, per second of
///   CPU time of both processes together
/// @param pingP50Micros median round trip on an open stream
/// @param mibPerSecond payload in the slower direction, by the clock on the wall
/// @param mibPerCpuSecond payload in the slower direction, per second of CPU time of both processes
public record P2pResult(
        double connectionsPerCpuSecond,
        double pingP50Micros,
        double mibPerSecond,
        double mibPerCpuSecond) {
    /// One JSON object.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"connectionsPerCpuSecond\":%.0f,\"pingP50Micros\":%.1f,\"mibPerSecond\":%.0f,"
                        + "\"mibPerCpuSecond\":%.0f}",
                connectionsPerCpuSecond,
                pingP50Micros,
                mibPerSecond,
                mibPerCpuSecond);
    }
}
