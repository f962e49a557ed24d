package org.tutti.musig.internal.secp256k1;

import org.tutti.musig.memory.MemoryProtection;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/// Memory for secrets: whole pages that live as long as the process, locked so that they are never
/// written to swap (`mlock`), and left out of core files (`MADV_DONTDUMP`), where the system allows
/// it. What it does not allow is said, not hidden: the memory is there all the same.
final class ProtectedMemory {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final int EPERM = 1;
    private static final int ENOMEM = 12;

    /// Linux `asm-generic/mman-common.h`.
    private static final int MADV_DONTDUMP = 16;

    /// Pages for secrets.
    ///
    /// @param segment as many bytes as asked for, zeros, at the start of a page
    record Pages(MemorySegment segment, MemoryProtection protection) {}

    private ProtectedMemory() {}

    static Pages allocate(long bytes) {
        long page = pageSize();
        // Whole pages, so that nothing else is locked or left out with them.
        long whole = (bytes + page - 1) / page * page;
        MemorySegment segment = Arena.global().allocate(whole, page);
        return new Pages(
                segment.asSlice(0, bytes),
                new MemoryProtection(notLocked(segment), inCoreFiles(segment)));
    }

    @SuppressWarnings("restricted")
    private static long pageSize() {
        try {
            MethodHandle getPageSize =
                    LINKER.downcallHandle(
                            LINKER.defaultLookup().find("getpagesize").orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT));
            return (int) getPageSize.invokeExact();
        } catch (Throwable e) {
            // The largest page of the systems that we run on.
            return 1 << 16;
        }
    }

    private static Optional<String> notLocked(MemorySegment segment) {
        return call(
                "mlock",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
                (handle, state) -> (int) handle.invokeExact(state, segment, segment.byteSize()));
    }

    private static Optional<String> inCoreFiles(MemorySegment segment) {
        return call(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT),
                (handle, state) ->
                        (int)
                                handle.invokeExact(
                                        state, segment, segment.byteSize(), MADV_DONTDUMP));
    }

    @FunctionalInterface
    private interface Call {
        int run(MethodHandle handle, MemorySegment state) throws Throwable;
    }

    /// @return empty if it worked, else why not
    @SuppressWarnings("restricted")
    private static Optional<String> call(String name, FunctionDescriptor type, Call call) {
        Optional<MemorySegment> symbol = LINKER.defaultLookup().find(name);
        if (symbol.isEmpty()) {
            return Optional.of("this system has no " + name);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MethodHandle handle =
                    LINKER.downcallHandle(
                            symbol.get(), type, Linker.Option.captureCallState("errno"));
            if (call.run(handle, state) == 0) {
                return Optional.empty();
            }
            return Optional.of(name + ": " + reason((int) ERRNO.get(state, 0L)));
        } catch (Throwable e) {
            return Optional.of(name + ": " + e);
        }
    }

    private static String reason(int errno) {
        return switch (errno) {
            case EPERM -> "not permitted";
            case ENOMEM -> "over the limit of locked memory (ulimit -l)";
            default -> "error " + errno;
        };
    }
}
