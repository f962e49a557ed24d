package org.tutti.musig.internal.secp256k1;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// A private folder that a native library can be unpacked to and run from. A temporary folder is
/// often mounted so that nothing in it can be run, or read-only, or full: then others are tried.
///
/// Each is tried with a file before the library is: the loader cannot be asked twice.
final class UnpackFolder {
    /// Larger than the library, which has 1.9 MB.
    static final int BYTES = 2 << 20;

    private final Path path;

    private UnpackFolder(Path path) {
        this.path = path;
    }

    /// Where it may be, in the order of trying: the temporary folder, what Linux has besides, the
    /// user's cache, the working folder.
    static List<Path> candidates(
            Function<String, @Nullable String> property,
            Function<String, @Nullable String> environment) {
        List<@Nullable String> texts = new ArrayList<>();
        texts.add(property.apply("java.io.tmpdir"));
        texts.add(environment.apply("XDG_RUNTIME_DIR"));
        texts.add("/dev/shm");
        texts.add("/var/tmp");
        texts.add(environment.apply("XDG_CACHE_HOME"));
        String home = property.apply("user.home");
        texts.add(home == null ? null : home + "/.cache");
        texts.add(home);
        texts.add(property.apply("user.dir"));
        Set<Path> paths = new LinkedHashSet<>();
        for (String text : texts) {
            if (text != null && !text.isEmpty()) {
                addPath(paths, text);
            }
        }
        return List.copyOf(paths);
    }

    private static void addPath(Set<Path> paths, String text) {
        try {
            paths.add(Path.of(text));
        } catch (InvalidPathException e) {
            // The locale has no bytes for it: the next.
        }
    }

    /// A fresh folder in the first that will do.
    ///
    /// @throws IOException if none will, saying why of each
    static UnpackFolder in(List<Path> candidates) throws IOException {
        List<String> reasons = new ArrayList<>();
        for (Path candidate : candidates) {
            try {
                return fresh(candidate);
            } catch (IOException e) {
                reasons.add(candidate + ": " + reason(e));
            }
        }
        throw new IOException(String.join(", ", reasons));
    }

    private static UnpackFolder fresh(Path candidate) throws IOException {
        UnpackFolder folder =
                new UnpackFolder(Files.createTempDirectory(candidate, "tutti-secp256k1-"));
        // For a process that is stopped while it loads; the files within are registered after this,
        // so they go first.
        folder.path.toFile().deleteOnExit();
        try {
            folder.tryOut();
            return folder;
        } catch (IOException e) {
            folder.remove();
            throw e;
        }
    }

    private void tryOut() throws IOException {
        Path probe = path.resolve("probe");
        Files.write(probe, new byte[BYTES]);
        // Also false where the file system is mounted noexec, which is what is asked here.
        if (!probe.toFile().setExecutable(true) || !Files.isExecutable(probe)) {
            throw new IOException("nothing can be run from there (noexec)");
        }
        Files.delete(probe);
    }

    Path path() {
        return path;
    }

    /// Where a loaded library cannot be removed (Windows), the JVM's exit removes it.
    void remove() {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // Stays registered: removed when the JVM ends.
            return;
        }
    }

    /// The message of such an exception is often the path alone.
    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (e instanceof FileSystemException file) {
            String reason = file.getReason();
            return reason == null ? file.getClass().getSimpleName() : reason;
        }
        return String.valueOf(e.getMessage());
    }
}
