package org.tutti.benchmarks.headers;

import org.tutti.benchmarks.Machine;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What one run measured.
///
/// @param real headers of mainnet that were checked and stored
/// @param realWallNanos time for them
/// @param realCpuNanos CPU for them, of all threads
/// @param headers length of the chain of regtest headers
/// @param longWallNanos time to check and store it once
/// @param longCpuNanos CPU for that
/// @param openings of that chain within this process, one after the other
/// @param starts of new processes that open it
/// @param syncs of new processes that fetch it from a peer in another process
public record HeadersResult(
        long real,
        long realWallNanos,
        long realCpuNanos,
        int headers,
        long longWallNanos,
        long longCpuNanos,
        List<Opening> openings,
        List<Start> starts,
        List<Sync> syncs,
        Machine machine) {
    public HeadersResult {
        openings = List.copyOf(openings);
        starts = List.copyOf(starts);
        syncs = List.copyOf(syncs);
    }

    /// One opening.
    ///
    /// @param hashNanos CPU of looking a hash up by height
    /// @param entryNanos CPU of looking a whole header up by height, its work included
    /// @param unused what keeps the look-ups from being left out
    public record Opening(
            long wallNanos, long cpuNanos, double hashNanos, double entryNanos, int unused) {}

    /// One new process.
    ///
    /// @param wallNanos to open the chain
    /// @param cpuNanos of the process until then, the JVM's start included
    /// @param heapBytes in use afterwards
    /// @param anonymousKb of its memory
    public record Start(long wallNanos, long cpuNanos, long heapBytes, long anonymousKb) {}

    /// One new process that fetches the chain from a peer, checks and stores it.
    ///
    /// @param wallNanos from the first dial to the last header
    /// @param cpuNanos of the process, the JVM's start included
    /// @param peakKb most memory that it had
    /// @param bytes read
    public record Sync(long wallNanos, long cpuNanos, long peakKb, long bytes) {}

    private static double perSecond(long count, long nanos) {
        return count * 1e9 / nanos;
    }

    private static <T> double median(List<T> list, ToDoubleFunction<T> value) {
        return list.stream()
                .mapToDouble(value)
                .sorted()
                .skip(list.size() / 2)
                .findFirst()
                .orElse(0);
    }

    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"headers\":%d,\"realPerCpuSecond\":%.0f,\"realPerSecond\":%.0f,"
                        + "\"syntheticPerCpuSecond\":%.0f,\"openMillis\":%.0f,\"openCpuMillis\":%.0f,"
                        + "\"hashAtNanos\":%.0f,\"atNanos\":%.0f,\"startMillis\":%.0f,"
                        + "\"startCpuMillis\":%.0f,\"heapBytes\":%.0f,\"anonymousKb\":%.0f,"
                        + "\"syncMillis\":%.0f,\"syncCpuMillis\":%.0f,\"syncPeakKb\":%.0f,"
                        + "\"syncBytes\":%.0f,\"machine\":%s}",
                headers,
                perSecond(real, realCpuNanos),
                perSecond(real, realWallNanos),
                perSecond(headers, longCpuNanos),
                median(openings, Opening::wallNanos) / 1e6,
                median(openings, Opening::cpuNanos) / 1e6,
                median(openings, Opening::hashNanos),
                median(openings, Opening::entryNanos),
                median(starts, Start::wallNanos) / 1e6,
                median(starts, Start::cpuNanos) / 1e6,
                median(starts, Start::heapBytes),
                median(starts, Start::anonymousKb),
                median(syncs, Sync::wallNanos) / 1e6,
                median(syncs, Sync::cpuNanos) / 1e6,
                median(syncs, Sync::peakKb),
                median(syncs, Sync::bytes),
                machine.json());
    }

    /// For people.
    public String table() {
        return String.format(
                Locale.ROOT,
                """
                %s
                real headers, all rules, stored    %,10.0f per CPU-second  %,10.0f per second
                regtest headers, once              %,10.0f per CPU-second  %,10.0f per second
                opening %,d here, median    %,7.0f ms, %,.0f ms CPU
                opening them in a new process      %,7.0f ms, %,.0f ms CPU with the JVM's start
                memory of that process             %,7.1f MiB heap, %,.1f MiB anonymous
                hash by height / header by height  %,7.0f / %,.0f ns CPU
                fetched from a peer, new process   %,7.0f ms, %,.0f ms CPU with the JVM's start, %,.1f MiB at most, %,.1f MB read\
                """,
                machine.line(),
                perSecond(real, realCpuNanos),
                perSecond(real, realWallNanos),
                perSecond(headers, longCpuNanos),
                perSecond(headers, longWallNanos),
                headers,
                median(openings, Opening::wallNanos) / 1e6,
                median(openings, Opening::cpuNanos) / 1e6,
                median(starts, Start::wallNanos) / 1e6,
                median(starts, Start::cpuNanos) / 1e6,
                median(starts, Start::heapBytes) / 1048576.0,
                median(starts, Start::anonymousKb) / 1024.0,
                median(openings, Opening::hashNanos),
                median(openings, Opening::entryNanos),
                median(syncs, Sync::wallNanos) / 1e6,
                median(syncs, Sync::cpuNanos) / 1e6,
                median(syncs, Sync::peakKb) / 1024.0,
                median(syncs, Sync::bytes) / 1e6);
    }
}
