package org.tutti.libp2p.kad;

import java.time.Duration;

/// What an operation took.
///
/// @param hops the length of the chain of referrals that led to the answer: 1 for an answer of a
///   peer that was known before, 0 if nobody was asked
/// @param messages requests sent, those that had no answer in time included
/// @param duration from start to end
public record LookupStats(int hops, int messages, Duration duration) {}
