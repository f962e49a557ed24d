package org.tutti.signing.service;

import java.time.Duration;

/// How fast one member may make a relay send: what it gives the relay counts once for each of its
/// receivers, and whoever gives more is read later. So no member fills the streams of the others,
/// and none keeps a relay busy without end.
///
/// Safe for all threads: a member may have several streams.
final class RelayPace {
    /// Bytes that may be passed on at once: half of what may wait for a member, so that no other
    /// fills that alone.
    static final long AT_ONCE = 2 << 20;

    /// Bytes that may be passed on in a second.
    static final long PER_SECOND = 2 << 20;

    /// What a frame to one receiver costs at least.
    static final int MIN_COST = 1 << 10;

    private static final long SECOND = 1_000_000_000L;

    /// Longer than it takes to be full again after the largest frame to the largest group.
    private static final long FULL_AFTER = Duration.ofMinutes(10).toNanos();

    private long left = AT_ONCE; // below zero after a frame that is larger than what was left
    private long filledAt;

    /// @param now nanoseconds since some fixed moment
    RelayPace(long now) {
        filledAt = now;
    }

    /// Counts a frame that is passed on now.
    ///
    /// @param receivers how many it goes to; nobody counts as one, because it was verified
    /// @return nanoseconds until the next frame of this member may be read
    synchronized long count(int frameBytes, int receivers, long now) {
        long elapsed = Math.clamp(now - filledAt, 0, FULL_AFTER);
        filledAt = now;
        left = Math.min(AT_ONCE, left + elapsed * PER_SECOND / SECOND);
        left -= (long) Math.max(frameBytes, MIN_COST) * Math.max(receivers, 1);
        return left >= 0 ? 0 : -left * SECOND / PER_SECOND + 1;
    }
}
