package org.tutti.node.process;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether other processes can get at the memory of this one: by tracing it, through `/proc`, or
/// from a core file that a crash leaves.
///
/// Both are asked for, because a limit of zero for core files does not hold where the system pipes
/// them into a program (core(5)), and on some systems even a process that is not dumpable leaves
/// one that root can read (`fs.suid_dumpable`).
///
/// @param dumpable why other processes of the same user may read its memory; empty if they may not
/// @param coreFiles why a crash may leave a core file; empty if it does not
public record ProcessProtection(Optional<String> dumpable, Optional<String> coreFiles) {
    /// Nobody asked: the process belongs to whoever embeds the node.
    public static final ProcessProtection NOT_ASKED_FOR =
            new ProcessProtection(
                    Optional.of("not asked for in this process"),
                    Optional.of("not asked for in this process"));

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    // Linux: include/uapi/linux/prctl.h, asm-generic/resource.h.
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int RLIMIT_CORE = 4;

    private static final int EPERM = 1;

    /// Makes this process not dumpable and forbids it core files, for the rest of its life, and
    /// asks the system whether that is so. Never fails: what cannot be had is in the result.
    ///
    /// From then on debuggers of the same user cannot attach. For the JVM's own way in see
    /// [JvmAttach].
    public static ProcessProtection apply() {
        return new ProcessProtection(makeNotDumpable(), forbidCoreFiles());
    }

    private static Optional<String> makeNotDumpable() {
        return prctl(PR_SET_DUMPABLE).or(() -> prctl(PR_GET_DUMPABLE));
    }

    /// Calls it with zeros; it is empty if the answer is zero, too.
    private static Optional<String> prctl(int operation) {
        return call(
                "prctl",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                (handle, state) -> (int) handle.invokeExact(state, operation, 0L, 0L, 0L, 0L),
                Linker.Option.firstVariadicArg(1));
    }

    private static Optional<String> forbidCoreFiles() {
        try (Arena arena = Arena.ofConfined()) {
            // struct rlimit: the soft limit, then the hard one.
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
            return limits("setrlimit", limits)
                    .or(() -> {
                        limits.fill((byte) -1);
                        return limits("getrlimit", limits);
                    })
                    .or(() ->
                            limits.mismatch(arena.allocate(ValueLayout.JAVA_LONG, 2)) < 0
                                    ? Optional.empty()
                                    : Optional.of("getrlimit: the limit is not zero"));
        }
    }

    private static Optional<String> limits(String name, MemorySegment limits) {
        return call(
                name,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                (handle, state) -> (int) handle.invokeExact(state, RLIMIT_CORE, limits));
    }

    @FunctionalInterface
    private interface Call {
        int run(MethodHandle handle, MemorySegment state) throws Throwable;
    }

    /// @return empty if the answer is zero, else why not
    @SuppressWarnings("restricted")
    private static Optional<String> call(
            String name, FunctionDescriptor type, Call call, Linker.Option... options) {
        Optional<MemorySegment> symbol = LINKER.defaultLookup().find(name);
        if (symbol.isEmpty()) {
            return Optional.of("this system has no " + name);
        }
        List<Linker.Option> all = new ArrayList<>(List.of(options));
        all.add(Linker.Option.captureCallState("errno"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MethodHandle handle =
                    LINKER.downcallHandle(symbol.get(), type, all.toArray(Linker.Option[]::new));
            int answer = call.run(handle, state);
            if (answer == 0) {
                return Optional.empty();
            }
            return Optional.of(
                    name
                            + (answer > 0
                                    ? ": the answer is " + answer
                                    : ": " + reason((int) ERRNO.get(state, 0L))));
        } catch (Throwable e) {
            return Optional.of(name + ": " + e);
        }
    }

    private static String reason(int errno) {
        return errno == EPERM ? "not permitted" : "error " + errno;
    }
}
