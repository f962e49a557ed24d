package org.tutti.musig.internal.secp256k1;

import fr.acinq.secp256k1.Secp256k1;

import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.NativeLibraryException.Code;

import java.io.IOException;
import java.lang.foreign.SymbolLookup;

/// Loads the libsecp256k1 that ACINQ's jars carry, with their loader, and finds its functions. The
/// way in is their interface: calling the loader class directly trips over their initialisation
/// order.
///
/// That loader unpacks the library into the folder named by `fr.acinq.secp256k1.tmpdir`. Unless the
/// user has chosen one we give it a private folder ([UnpackFolder]) and remove it as soon as the
/// library is mapped: nothing is left behind even by a process that is killed.
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
                            + reason(e),
                    e);
        }
        return SymbolLookup.loaderLookup();
    }

    private static void loadFromPrivateFolder() throws Exception {
        UnpackFolder folder =
                UnpackFolder.in(UnpackFolder.candidates(System::getProperty, System::getenv));
        System.setProperty(FOLDER_PROPERTY, folder.path().toString());
        try {
            Secp256k1.get();
        } finally {
            System.clearProperty(FOLDER_PROPERTY);
            folder.remove();
        }
    }

    /// What was first wrong: their loader wraps it more than once.
    private static String reason(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return first instanceof IOException ? String.valueOf(first.getMessage()) : first.toString();
    }
}
