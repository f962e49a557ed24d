package org.tutti.musig.musig;

import org.tutti.musig.internal.secp256k1.Sizes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// libsecp256k1 takes lists as arrays of pointers to their elements.
final class NativeList {
    private NativeList() {}

    static MemorySegment pointers(Arena arena, int count) {
        return arena.allocate((long) count * Sizes.POINTER, Sizes.POINTER);
    }

    /// Lets the first `count` pointers point to elements of `size` bytes that lie side by side.
    static void point(MemorySegment pointers, MemorySegment elements, int count, int size) {
        long address = elements.address();
        for (int i = 0; i < count; i++) {
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, address + (long) i * size);
        }
    }
}
