package org.tutti.signing.service;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/// The folder of evidence files, a bounded number of them. Used by the service's event loop only.
final class EvidenceFolder {
    private final Path folder;
    private final int maxFiles;
    private long failures;

    EvidenceFolder(Path folder, int maxFiles) {
        this.folder = folder;
        this.maxFiles = maxFiles;
    }

    /// Evidence that cannot be saved is counted: it must not stop the node.
    void save(String name, Bytes content) {
        try {
            Files.createDirectories(folder);
            if (count() >= maxFiles) {
                failures++;
                return;
            }
            Path temporary = folder.resolve(name + ".tmp");
            Files.write(temporary, content.toArray());
            Files.move(temporary, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException _) {
            failures++;
        }
    }

    private long count() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    long failures() {
        return failures;
    }
}
