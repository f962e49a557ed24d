package org.tutti.node.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The folder for temporary files, which may be missing, read-only or full.
public final class TemporaryFolder {
    private TemporaryFolder() {}

    /// The one of this JVM; absolute, because other processes are told of it.
    public static Path ofThisProcess() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
    }

    /// Why files cannot be made in the folder, and what to do, in one line; nothing if they can be.
    ///
    /// @param bytes how much has to fit
    public static Optional<String> fault(Path folder, long bytes) {
        try {
            Path probe = Files.createTempDirectory(folder, "tutti-");
            try {
                long free = Files.getFileStore(probe).getUsableSpace();
                return free >= bytes
                        ? Optional.empty()
                        : Optional.of(words(folder, kib(free) + " are free of " + kib(bytes)));
            } finally {
                Files.deleteIfExists(probe);
            }
        } catch (IOException e) {
            return Optional.of(words(folder, IoReason.of(e)));
        }
    }

    /// The line for a folder that cannot be used for a reason.
    public static String words(Path folder, String reason) {
        return "no temporary folder: "
                + folder
                + ": "
                + reason
                + "; name another: TUTTI_JAVA_OPTS=-Djava.io.tmpdir=FOLDER";
    }

    private static String kib(long bytes) {
        return bytes / 1024 + " KiB";
    }
}
