package org.tutti.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/// What a measurement ran on, measured when asked.
///
/// @param cores processors that the JVM may use
/// @param jdk vendor and version
/// @param os name, version and processor
/// @param fileSystem type of the file system below the folder that was asked about
/// @param forceP50Micros median time of appending 512 bytes there and forcing them to disk
public record Machine(int cores, String jdk, String os, String fileSystem, double forceP50Micros) {
    private static final int FORCES = 101;
    private static final int ENTRY_BYTES = 512;

    /// Measures in a temporary file below `folder`, which is removed.
    public static Machine at(Path folder) throws IOException {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vendor") + " " + Runtime.version(),
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + " "
                        + System.getProperty("os.arch"),
                Files.getFileStore(folder).type(),
                medianForceMicros(folder));
    }

    private static double medianForceMicros(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "tutti-force-", ".tmp");
        long[] nanos = new long[FORCES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            for (int i = 0; i < FORCES; i++) {
                long start = System.nanoTime();
                channel.write(ByteBuffer.allocate(ENTRY_BYTES));
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
        } finally {
            Files.delete(file);
        }
        Arrays.sort(nanos);
        return nanos[FORCES / 2] / 1e3;
    }

    /// One line for the top of a table.
    public String line() {
        return String.format(
                Locale.ROOT,
                "%d cores, JDK %s, %s, %s, forced write of %d bytes p50 %.0f µs",
                cores,
                jdk,
                os,
                fileSystem,
                ENTRY_BYTES,
                forceP50Micros);
    }

    /// The same as a JSON object.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"cores\":%d,\"jdk\":\"%s\",\"os\":\"%s\",\"fileSystem\":\"%s\","
                        + "\"forceP50Micros\":%.1f}",
                cores,
                jdk,
                os,
                fileSystem,
                forceP50Micros);
    }
}
