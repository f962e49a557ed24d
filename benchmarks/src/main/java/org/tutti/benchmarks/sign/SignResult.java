package org.tutti.benchmarks.sign;

import org.tutti.benchmarks.Machine;

import java.util.Locale;

/// What one run measured.
///
/// @param signers group size
/// @param sessions sessions timed one at a time, and as many again at once
/// @param warmupSessions sessions before any was counted
/// @param warmupSeconds how long they took
/// @param setupMillis until all signers were linked to all, with the first signatures not counted
/// @param p50Millis from the call that asks to the last signer's event `Signed`, one session at a
///   time
/// @param p99Millis the same
/// @param sessionsPerSecond with `concurrency` sessions at once
/// @param cpuMillisPerSession of the whole process, that is of all signers, in the concurrent part
/// @param forces of all journals in the concurrent part
public record SignResult(
        int signers,
        int sessions,
        int warmupSessions,
        double warmupSeconds,
        double setupMillis,
        double p50Millis,
        double p99Millis,
        double sessionsPerSecond,
        int concurrency,
        double cpuMillisPerSession,
        long forces,
        Machine machine) {
    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"signers\":%d,\"sessions\":%d,\"p50Millis\":%.3f,\"p99Millis\":%.3f,"
                        + "\"sessionsPerSecond\":%.1f,\"concurrency\":%d,\"cpuMillisPerSession\":%.3f,"
                        + "\"forces\":%d,\"forceP50Micros\":%.1f,\"setupMillis\":%.0f,"
                        + "\"warmupSessions\":%d,\"warmupSeconds\":%.1f,\"machine\":%s}",
                signers,
                sessions,
                p50Millis,
                p99Millis,
                sessionsPerSecond,
                concurrency,
                cpuMillisPerSession,
                forces,
                machine.forceP50Micros(),
                setupMillis,
                warmupSessions,
                warmupSeconds,
                machine.json());
    }

    /// For people.
    public String table() {
        return String.format(
                Locale.ROOT,
                "%s%nwarm-up: %d sessions, %.1f s; set-up (not counted below): %.0f ms%n%n"
                        + "%d signers, %d sessions one at a time, announced → signed by all%n"
                        + "  p50                  %9.2f ms%n"
                        + "  p99                  %9.2f ms%n"
                        + "%d sessions, %d at once%n"
                        + "  sessions per second  %9.1f%n"
                        + "  CPU per session      %9.2f ms, all signers together%n"
                        + "  forced journal writes%9d  (%.2f for each signer and session)%n",
                machine.line(),
                warmupSessions,
                warmupSeconds,
                setupMillis,
                signers,
                sessions,
                p50Millis,
                p99Millis,
                sessions,
                concurrency,
                sessionsPerSecond,
                cpuMillisPerSession,
                forces,
                forces / (double) sessions / signers);
    }
}
