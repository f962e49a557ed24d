package org.tutti.signing.service;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The folder of evidence files; the engine bounds their number. Used by the service's event loop
/// only.
final class EvidenceFolder {
    private static final String TEMPORARY = ".tmp";

    private final Path folder;

    EvidenceFolder(Path folder) {
        this.folder = folder;
    }

    /// The names of the files that are there.
    Set<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.endsWith(TEMPORARY))
                    .collect(Collectors.toSet());
        }
    }

    /// On disk when it returns.
    ///
    /// @throws EvidenceNotSavedException if it is not: nobody may be blamed by a file that is not
    ///   there, so what would be told next must not be
    void save(String name, Bytes content) {
        try {
            Files.createDirectories(folder);
            Path temporary = folder.resolve(name + TEMPORARY);
            try (FileChannel channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.toArray());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
                opened.force(true);
            }
        } catch (IOException e) {
            throw new EvidenceNotSavedException(folder, e);
        }
    }
}
