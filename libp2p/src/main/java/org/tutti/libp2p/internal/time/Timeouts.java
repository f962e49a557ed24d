package org.tutti.libp2p.internal.time;

import java.time.Duration;

/// What a timeout given as `Duration` means, everywhere.
public final class Timeouts {
    /// No timeout: wait until it happens.
    public static final long FOREVER = Long.MAX_VALUE;

    /// Longer timeouts count as `FOREVER`, so that adding one to a time cannot overflow.
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Timeouts() {}

    /// The timeout in nanoseconds; zero means `FOREVER`.
    ///
    /// @throws IllegalArgumentException if it is negative
    public static long nanos(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout cannot be negative: " + timeout);
        }
        return timeout.isZero() || timeout.compareTo(LONGEST) > 0 ? FOREVER : timeout.toNanos();
    }

    /// The other way round.
    public static Duration duration(long nanos) {
        return nanos == FOREVER ? Duration.ZERO : Duration.ofNanos(nanos);
    }
}
