package org.tutti.benchmarks.p2p;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much memory of a process is resident, as Linux says it.
final class Resident {
    private static final String FIELD = "VmRSS:";
    private static final long KIBIBYTE = 1024;

    private Resident() {}

    /// @return 0 where the system does not say it
    static long bytes(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith(FIELD)) {
                String number = line.substring(FIELD.length()).replace("kB", "").strip();
                return Long.parseLong(number) * KIBIBYTE;
            }
        }
        return 0;
    }
}
