package org.tutti.benchmarks.journal;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.Machine;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;

/// Writes the journal of many finished payments, and starts from it in a new process.
public final class JournalBench {
    /// A node's own heap is larger.
    private static final int HEAP_MIB = 128;

    private static final long SEED = 1;
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final JournalRetention RETENTION = JournalRetention.of(SigningLimits.DEFAULT);

    private JournalBench() {}

    /// @param folder where the journals are while it runs
    public static JournalResult run(int sessions, Path folder)
            throws IOException, InterruptedException {
        Path temporary = Files.createTempDirectory(folder, "tutti-journal-");
        try {
            return new JournalResult(
                    sessions,
                    start(temporary.resolve("used"), sessions, true),
                    start(temporary.resolve("whole"), sessions, false),
                    HEAP_MIB,
                    Machine.at(folder));
        } finally {
            delete(temporary);
        }
    }

    private static JournalResult.Start start(Path journal, int sessions, boolean compacted)
            throws IOException, InterruptedException {
        Instant end = write(journal, sessions, compacted);
        long bytes = Files.size(journal);
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-Xmx" + HEAP_MIB + "m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                JournalStart.class.getName(),
                                journal.toString(),
                                end.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String line = process.inputReader().readLine();
        if (process.waitFor() != 0 || line == null) {
            throw new IOException("the other process ended");
        }
        String[] numbers = line.split(" ", -1);
        return new JournalResult.Start(
                bytes,
                Long.parseLong(numbers[3]),
                Long.parseLong(numbers[0]) / 1e6,
                Long.parseLong(numbers[1]) / 1e6,
                Long.parseLong(numbers[2]));
    }

    /// @return when the last session was over
    private static Instant write(Path path, int sessions, boolean compacted)
            throws IOException, InterruptedException {
        Random random = new Random(SEED);
        byte[] id = new byte[16];
        random.nextBytes(id);
        byte[] group = new byte[32];
        random.nextBytes(group);
        FinishedPayments payments = new FinishedPayments(SEED, Bytes.of(group), FIRST);
        try (Journal journal =
                Journal.open(
                        FolderJournalFiles.open(path),
                        () -> Bytes.of(id),
                        new JournalState(RETENTION, FIRST))) {
            JournalCompactor compactor =
                    new JournalCompactor(
                            journal,
                            RETENTION,
                            payments::now,
                            task -> Thread.ofPlatform().daemon(true).start(task),
                            () -> {},
                            _ -> {});
            for (int i = 0; i < sessions; i++) {
                journal.append(payments.next());
                if (compacted) {
                    compactor.step();
                }
            }
            journal.force();
            compactor.close();
        }
        return payments.now();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
