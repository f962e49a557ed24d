package org.tutti.benchmarks.sign;

import org.tutti.benchmarks.Machine;

import java.util.Locale;

/// What one run measured.
///
/// @param signers group size
/// @param sessions timed one at a time, and as many again at once
/// @param setupMillis until all signers were linked to all, with the first signatures not counted
/// @param single one session at a time
/// @param many as many at once as `many.concurrency`
public record SignResult(
        int signers,
        int sessions,
        Warmup warmup,
        double setupMillis,
        Single single,
        Many many,
        Machine machine) {
    /// What ran before anything was counted.
    public record Warmup(int sessions, double seconds) {}

    /// From the call that asks to the last signer's event `Signed`.
    public record Single(double p50Millis, double p99Millis) {}

    /// @param cpuMillisPerSession of the whole process, that is of all signers
    /// @param forces of all journals
    public record Many(
            int concurrency, double sessionsPerSecond, double cpuMillisPerSession, long forces) {}

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
                single.p50Millis(),
                single.p99Millis(),
                many.sessionsPerSecond(),
                many.concurrency(),
                many.cpuMillisPerSession(),
                many.forces(),
                machine.forceP50Micros(),
                setupMillis,
                warmup.sessions(),
                warmup.seconds(),
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
                warmup.sessions(),
                warmup.seconds(),
                setupMillis,
                signers,
                sessions,
                single.p50Millis(),
                single.p99Millis(),
                sessions,
                many.concurrency(),
                many.sessionsPerSecond(),
                many.cpuMillisPerSession(),
                many.forces(),
                many.forces() / (double) sessions / signers);
    }
}
