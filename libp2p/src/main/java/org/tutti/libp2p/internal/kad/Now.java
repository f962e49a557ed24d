package org.tutti.libp2p.internal.kad;

/// The time of an input.
///
/// @param nanos monotonic, since some fixed moment: for deadlines and intervals
/// @param epochMillis of the wall clock, since 1970: for what records say of themselves
public record Now(long nanos, long epochMillis) {}
