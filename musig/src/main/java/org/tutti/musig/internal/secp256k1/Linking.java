package org.tutti.musig.internal.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.jspecify.annotations.Nullable;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.NativeLibraryException.Code;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/// Start-up of the binding: loads the library, links its functions, makes the context. Keeps the
/// first failure instead of throwing it, because a class that fails to initialise could later only
/// say `NoClassDefFoundError`.
@SuppressWarnings("restricted") // native access is what this class is for
final class Linking {
    /// `SECP256K1_CONTEXT_NONE`: the library ignores the older sign and verify flags.
    private static final int CONTEXT_NONE = 1;

    private @Nullable SymbolLookup lookup;
    private @Nullable Failure failure;

    /// Why the library cannot be used.
    record Failure(Code code, String message) {}

    private Linking() {}

    static Linking start() {
        Linking linking = new Linking();
        try {
            linking.lookup = NativeLoader.load();
        } catch (NativeLibraryException e) {
            linking.failure = new Failure(e.code(), String.valueOf(e.getMessage()));
        }
        return linking;
    }

    /// The function, which returns an int, or a handle that must not be called once a failure
    /// stands.
    MethodHandle handle(String name, MemoryLayout... arguments) {
        FunctionDescriptor descriptor = FunctionDescriptor.of(JAVA_INT, arguments);
        Optional<MemorySegment> symbol = find(name);
        return symbol.isPresent()
                ? Linker.nativeLinker().downcallHandle(symbol.get(), descriptor)
                : MethodHandles.empty(descriptor.toMethodType());
    }

    private Optional<MemorySegment> find(String name) {
        if (lookup == null) {
            return Optional.empty();
        }
        Optional<MemorySegment> symbol = lookup.find(name);
        if (symbol.isEmpty() && failure == null) {
            failure = new Failure(Code.SYMBOL_MISSING, "libsecp256k1 has no function " + name);
        }
        return symbol;
    }

    /// A context with our illegal-argument callback, randomised against side channels.
    MemorySegment newContext() {
        Optional<MemorySegment> create = find("secp256k1_context_create");
        Optional<MemorySegment> setCallback = find("secp256k1_context_set_illegal_callback");
        MethodHandle randomize = handle("secp256k1_context_randomize", ADDRESS, ADDRESS);
        if (failure != null || create.isEmpty() || setCallback.isEmpty()) {
            return MemorySegment.NULL;
        }
        try {
            Linker linker = Linker.nativeLinker();
            MemorySegment context =
                    (MemorySegment)
                            linker.downcallHandle(
                                            create.get(), FunctionDescriptor.of(ADDRESS, JAVA_INT))
                                    .invokeExact(CONTEXT_NONE);
            linker.downcallHandle(
                            setCallback.get(), FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS))
                    .invokeExact(context, illegalCallback(linker), MemorySegment.NULL);
            randomize(randomize, context);
            return context;
        } catch (Throwable e) {
            failure = new Failure(Code.CALL_FAILED, "no secp256k1 context: " + e);
            return MemorySegment.NULL;
        }
    }

    private static void randomize(MethodHandle randomize, MemorySegment context) throws Throwable {
        byte[] seed = new byte[32];
        try (Arena arena = Arena.ofConfined()) {
            new SecureRandom().nextBytes(seed);
            MemorySegment nativeSeed = arena.allocateFrom(JAVA_BYTE, seed);
            try {
                if ((int) randomize.invokeExact(context, nativeSeed) != 1) {
                    throw new IllegalStateException("randomisation was refused");
                }
            } finally {
                nativeSeed.fill((byte) 0);
            }
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /// Called by the library on the thread of the call, and does nothing: the function then returns
    /// 0. A handle that is empty by construction, because an exception here would end the JVM.
    private static MemorySegment illegalCallback(Linker linker) {
        MethodHandle nothing =
                MethodHandles.empty(
                        MethodType.methodType(
                                void.class, MemorySegment.class, MemorySegment.class));
        return linker.upcallStub(
                nothing, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS), Arena.global());
    }

    /// The failure so far, or else that of the test.
    @Nullable Failure failureAfter(Runnable test) {
        if (failure == null) {
            try {
                test.run();
            } catch (NativeLibraryException e) {
                failure = new Failure(e.code(), String.valueOf(e.getMessage()));
            }
        }
        return failure;
    }
}
