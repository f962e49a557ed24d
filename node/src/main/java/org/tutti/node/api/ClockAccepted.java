package org.tutti.node.api;

/// The wall clock that the operator accepted.
///
/// @param time ISO 8601, UTC
public record ClockAccepted(String time) {}
