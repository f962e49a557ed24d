package org.tutti.benchmarks.journal;

import org.tutti.base.Bytes;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;

/// A process that opens a journal, as a node does when it starts, and prints what that took: wall
/// and CPU time in nanoseconds, bytes of heap used afterwards.
final class JournalStart {
    private JournalStart() {}

    public static void main(String[] args) throws IOException {
        long start = System.nanoTime();
        JournalState state =
                new JournalState(
                        JournalRetention.of(SigningLimits.DEFAULT), Instant.parse(args[1]));
        try (Journal journal =
                Journal.open(
                        FolderJournalFiles.open(Path.of(args[0])),
                        () -> Bytes.wrap(new byte[16]),
                        state)) {
            long wall = System.nanoTime() - start;
            long cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
            System.gc(); // What is still referred to is measured, not what was read.
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            System.out.println(wall + " " + cpu + " " + heap + " " + journal.size());
        }
    }
}
