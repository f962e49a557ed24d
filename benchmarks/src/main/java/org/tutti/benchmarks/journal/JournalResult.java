package org.tutti.benchmarks.journal;

import org.tutti.benchmarks.Machine;

import java.util.Locale;

/// What one run measured.
///
/// @param sessions that were finished before
/// @param used a start from the journal as a node leaves it, which compacts it while it writes
/// @param whole a start from the same entries without any compaction, which compacts it
/// @param heapMiB most heap of the process that starts, in MiB
public record JournalResult(int sessions, Start used, Start whole, int heapMiB, Machine machine) {
    /// One start.
    ///
    /// @param bytes of the file before it
    /// @param bytesAfter of the file after it
    /// @param wallMillis to open the journal
    /// @param cpuMillis of the whole process until then, its own start included
    /// @param heapBytes still in use afterwards
    public record Start(
            long bytes, long bytesAfter, double wallMillis, double cpuMillis, long heapBytes) {
        private String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"bytes\":%d,\"bytesAfter\":%d,\"wallMillis\":%.0f,\"cpuMillis\":%.0f,"
                            + "\"heapBytes\":%d}",
                    bytes,
                    bytesAfter,
                    wallMillis,
                    cpuMillis,
                    heapBytes);
        }

        private String line() {
            return String.format(
                    Locale.ROOT,
                    "%8.1f → %5.1f MiB  %8.0f ms wall  %8.0f ms CPU  %6.1f MiB heap",
                    bytes / 1048576.0,
                    bytesAfter / 1048576.0,
                    wallMillis,
                    cpuMillis,
                    heapBytes / 1048576.0);
        }
    }

    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"sessions\":%d,\"heapMiB\":%d,\"used\":%s,\"whole\":%s,\"machine\":%s}",
                sessions,
                heapMiB,
                used.json(),
                whole.json(),
                machine.json());
    }

    /// For people.
    public String table() {
        return String.format(
                Locale.ROOT,
                "%s%n%d finished sessions; each start a new process with at most %d MiB of heap%n"
                        + "  compacted while used  %s%n"
                        + "  never compacted       %s%n",
                machine.line(),
                sessions,
                heapMiB,
                used.line(),
                whole.line());
    }
}
