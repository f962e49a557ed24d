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
        Machine machine) {
    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"signers\":%d,\"processes\":%b,\"requests\":%d,\"warmup\":%d,\"p50Millis\":%.3f,\"p99Millis\":%.3f,"
                        + "\"requestsPerSecond\":%.1f,\"concurrency\":%d,\"cpuMillisPerRequest\":%.3f,"
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
                        + "  CPU per request      %9.2f ms, all signers together%n",
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
                cpuMillisPerRequest);
    }
}
