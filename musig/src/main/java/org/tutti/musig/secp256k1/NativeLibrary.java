package org.tutti.musig.secp256k1;

import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;

/// For code outside this module that needs libsecp256k1 through another library, which would unpack
/// it by itself, only to the temporary folder, and take a failure for something else.
public final class NativeLibrary {
    private NativeLibrary() {}

    /// Loads the library where that has not happened yet.
    ///
    /// @throws NativeLibraryException saying why it cannot be used
    public static void require() {
        LibSecp256k1.require();
    }
}
