package org.tutti.benchmarks.request;

import org.tutti.benchmarks.Machine;

import java.util.Locale;

/// What one run measured.
///
/// @param processes whether each signer had a process of its own
/// @param requests timed one at a time, and as many again at once
/// @param warmup requests before anything was counted
/// @param p50Millis from the call that announces to the last signer's event `Finalized`
/// @param concurrency requests at once in the second part
/// @param cpuMillisPerRequest of all signers
/// @param before what they held after the warm-up
/// @param between the same between the two parts
/// @param after the same at the end, twice as many requests later
public record RequestResult(
        int signers,
        boolean processes,
        int requests,
        int warmup,
        double p50Millis,
        double p99Millis,
        int concurrency,
        double requestsPerSecond,
        double cpuMillisPerRequest,
        Footprint before,
        Footprint between,
        Footprint after,
        Machine machine) {
    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"signers\":%d,\"processes\":%b,\"requests\":%d,\"warmup\":%d,\"p50Millis\":%.3f,\"p99Millis\":%.3f,"
                        + "\"requestsPerSecond\":%.1f,\"concurrency\":%d,\"cpuMillisPerRequest\":%.3f,"
                        + "\"heapMiBBefore\":%.1f,\"heapMiBBetween\":%.1f,"
                        + "\"heapMiBAfter\":%.1f,\"connections\":%d,\"streamsBefore\":%d,\"streamsAfter\":%d,"
                        + "\"machine\":%s}",
                signers,
                processes,
                requests,
                warmup,
                p50Millis,
                p99Millis,
                requestsPerSecond,
                concurrency,
                cpuMillisPerRequest,
                before.heapMiB(),
                between.heapMiB(),
                after.heapMiB(),
                after.connections(),
                before.streams(),
                after.streams(),
                machine.json());
    }

    /// For people.
    public String table() {
        return String.format(
                Locale.ROOT,
                "%s%nwarm-up: %d requests%n%n"
                        + "%d strangers%s, %d requests one at a time, announced → signed by all%n"
                        + "  p50                  %9.2f ms%n"
                        + "  p99                  %9.2f ms%n"
                        + "%d requests, %d at once%n"
                        + "  requests per second  %9.1f%n"
                        + "  CPU per request      %9.2f ms, all signers together%n"
                        + "before, between and after%n"
                        + "  heap                 %9.1f, %.1f, %.1f MiB, after a collection%n"
                        + "  streams              %9d, %d, on %d connections (both ends)%n",
                machine.line(),
                warmup,
                signers,
                processes ? ", each in a process of its own" : "",
                requests,
                p50Millis,
                p99Millis,
                requests,
                concurrency,
                requestsPerSecond,
                cpuMillisPerRequest,
                before.heapMiB(),
                between.heapMiB(),
                after.heapMiB(),
                before.streams(),
                after.streams(),
                after.connections());
    }
}
