package org.tutti.wallet.policy;

import java.time.Instant;

/// What three clocks say at one moment. None of them is believed alone: the wall clock can be set,
/// the running time says nothing about before the start, and the chain's time is the miners'.
///
/// @param wall by this machine's wall clock
/// @param runningNanos since an arbitrary moment of this run, never backwards
/// @param chain the median time of the chain's last eleven blocks; [Instant#MIN] without a chain
public record ClockReading(Instant wall, long runningNanos, Instant chain) {}
