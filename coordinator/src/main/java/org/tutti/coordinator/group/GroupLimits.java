package org.tutti.coordinator.group;

import java.time.Duration;

/// The bounds of what a node keeps of groups. Each has a test that exceeds it.
///
/// @param undecided most proposals of others that this node has not decided about
/// @param undecidedPerPeer most of them that one peer made
/// @param undecidedBytes most bytes of them, with what was said about them
/// @param open most proposals that this node made or consented to, and groups that it is in
/// @param over most proposals that are remembered after they failed, until they expire
/// @param differs how long after a signature of another descriptor its member is named: the two
///   find out first whether a third has consented twice
/// @param signedStays how long after its end a proposal of a group that follows another stays on a
///   node that has signed it: another may hold all signatures already
/// @param retryFirst how long after a failed exchange the next one begins; doubled
/// @param retryMost the longest of these pauses
public record GroupLimits(
        int undecided,
        int undecidedPerPeer,
        long undecidedBytes,
        int open,
        int over,
        Duration differs,
        Duration signedStays,
        Duration retryFirst,
        Duration retryMost) {
    public static final GroupLimits DEFAULT =
            new GroupLimits(
                    128,
                    4,
                    16L << 20,
                    256,
                    256,
                    Duration.ofSeconds(10),
                    Duration.ofDays(14),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1));
}
