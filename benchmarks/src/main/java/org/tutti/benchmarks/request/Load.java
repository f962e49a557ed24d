package org.tutti.benchmarks.request;

import java.time.Duration;

/// What the signers of a run are asked for.
///
/// @param atOnce requests that are under way at a time: limits that would be in the way are raised
///   to it
/// @param lifetime how long a request counts, and is remembered when it is over. Clocks are allowed
///   to differ by as much at most: all signers have the same
record Load(int atOnce, Duration lifetime) {
    /// By how much clocks may differ, where usually it is so much.
    Duration clockSkew(Duration usual) {
        return usual.compareTo(lifetime) < 0 ? usual : lifetime;
    }
}
