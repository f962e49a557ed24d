package org.tutti.base;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Time since the machine was started, in nanoseconds, sleep included: nobody sets this clock, and
/// it goes on while the machine sleeps, which `System.nanoTime` does not on Linux.
///
/// Linux `clock_gettime(CLOCK_BOOTTIME)` (man 2 clock_gettime). Elsewhere, and where native access
/// is not allowed, it is `System.nanoTime`. Safe for threads.
public final class BootClock implements LongSupplier {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long SECOND = 1_000_000_000L;

    private final Optional<MethodHandle> clockGettime;

    public BootClock() {
        clockGettime = link();
    }

    @SuppressWarnings("restricted") // There is no other way to this clock.
    private static Optional<MethodHandle> link() {
        try {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("clock_gettime")
                    .map(address ->
                            linker.downcallHandle(
                                    address,
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.ADDRESS)))
                    .filter(handle -> read(handle) > 0);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /// Whether sleep is counted.
    public boolean countsSleep() {
        return clockGettime.isPresent();
    }

    @Override
    public long getAsLong() {
        long nanos = clockGettime.map(BootClock::read).orElse(-1L);
        return nanos < 0 ? System.nanoTime() : nanos;
    }

    /// @return -1 if the clock does not answer
    private static long read(MethodHandle handle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
            int code = (int) handle.invokeExact(CLOCK_BOOTTIME, time);
            return code == 0
                    ? time.getAtIndex(ValueLayout.JAVA_LONG, 0) * SECOND
                            + time.getAtIndex(ValueLayout.JAVA_LONG, 1)
                    : -1;
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            return -1;
        }
    }
}
