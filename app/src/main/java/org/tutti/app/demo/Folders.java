package org.tutti.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Temporary folders.
public final class Folders {
    private Folders() {}

    /// Deletes a folder with all that is in it, and says so where that is not possible.
    public static void delete(Path folder) {
        try (Stream<Path> below = Files.walk(folder)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("tutti: " + folder + " could not be deleted: " + e.getMessage());
        }
    }
}
