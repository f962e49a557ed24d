package org.tutti.signing.internal.engine;

import java.time.Duration;
import java.time.Instant;

/// The two clocks of an input.
///
/// @param wall the wall clock, which an operator or the network may set to anything at any time
/// @param boot time since some fixed moment on a clock that nobody sets and that counts sleep
public record EngineTime(Instant wall, Duration boot) {
    /// A wall clock that nobody sets.
    public static EngineTime of(Instant wall) {
        return new EngineTime(wall, Duration.between(Instant.EPOCH, wall));
    }
}
