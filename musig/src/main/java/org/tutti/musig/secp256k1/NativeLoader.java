package org.tutti.musig.secp256k1;

import fr.acinq.secp256k1.Secp256k1;

import org.tutti.musig.secp256k1.NativeLibraryException.Code;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Loads the libsecp256k1 that ACINQ's jars carry, with their loader, and finds its functions. The
/// way in is their interface: calling the loader class directly trips over their initialisation
/// order.
///
/// That loader unpacks the library into the folder named by `fr.acinq.secp256k1.tmpdir`. Unless the
/// user has chosen one we give it a private folder and remove it as soon as the library is mapped:
/// nothing is left behind even by a process that is killed.
final class NativeLoader {
    private static final String FOLDER_PROPERTY = "fr.acinq.secp256k1.tmpdir";

    private NativeLoader() {}

    /// @throws NativeLibraryException NOT_AVAILABLE
    static SymbolLookup load() {
        try {
            if (System.getProperty(FOLDER_PROPERTY) != null) {
                Secp256k1.get();
            } else {
                loadFromPrivateFolder();
            }
        } catch (Exception | LinkageError e) {
            throw new NativeLibraryException(
                    Code.NOT_AVAILABLE,
                    "no libsecp256k1 for "
                            + System.getProperty("os.name")
                            + " on "
                            + System.getProperty("os.arch")
                            + ", or no folder that it can be unpacked to and run from"
                            + " (set -D"
                            + FOLDER_PROPERTY
                            + "=FOLDER): "
                            + e,
                    e);
        }
        return SymbolLookup.loaderLookup();
    }

    private static void loadFromPrivateFolder() throws Exception {
        Path folder = Files.createTempDirectory("tutti-secp256k1-");
        // For a process that is stopped while it loads; the files within are registered after this,
        // so
        // they go first.
        folder.toFile().deleteOnExit();
        System.setProperty(FOLDER_PROPERTY, folder.toString());
        try {
            Secp256k1.get();
        } finally {
            System.clearProperty(FOLDER_PROPERTY);
            removeQuietly(folder);
        }
    }

    /// Where a loaded library cannot be removed (Windows), the JVM's exit removes it.
    private static void removeQuietly(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // Stays registered: removed when the JVM ends.
            return;
        }
    }
}
