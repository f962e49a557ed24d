package org.tutti.musig.internal.secp256k1;

import org.tutti.musig.NativeLibraryException;

import java.lang.foreign.Arena;

/// Run by [NativeStartTest] in its own JVM: prints how the binding behaves there.
final class ProcessWithoutLibrary {
    private ProcessWithoutLibrary() {}

    public static void main(String[] arguments) {
        for (int i = 0; i < 2; i++) {
            try (Arena arena = Arena.ofConfined()) {
                LibSecp256k1.parseXOnlyKey(arena.allocate(64), arena.allocate(32));
                System.out.println("works");
            } catch (NativeLibraryException e) {
                System.out.println(e.code() + ": " + e.getMessage());
            }
        }
    }
}
