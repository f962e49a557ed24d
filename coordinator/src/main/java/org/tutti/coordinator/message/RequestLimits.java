package org.tutti.coordinator.message;

import java.time.Duration;

/// The bounds of what a node keeps. Each has a test that exceeds it.
///
/// @param requests most requests that are not over; half of it for requesters with whom this node
///   has never joined
/// @param requestsPerRequester most of them of one requester's key
/// @param bytes most bytes of them, transactions included; half of it for one requester, and for
///   all with whom this node has never joined
/// @param contacts most keys whose contact is known, beside those of requests
/// @param over most requests that are remembered after they were over, until they expire
/// @param endings of how many of them it is kept what ended them
/// @param retryFirst how long after a failed session or exchange the next one begins; doubled
/// @param retryMost the longest of these pauses
/// @param linger how long raw messages stay after they were signed
/// @param sessions most sessions of one request that end without signatures
/// @param session how long a session may be under way, whatever is told of it: longer than its
///   request lives
/// @param clockSkew how far ahead of this node's clock a request may have been made
public record RequestLimits(
        int requests,
        int requestsPerRequester,
        long bytes,
        int contacts,
        int over,
        int endings,
        Duration retryFirst,
        Duration retryMost,
        Duration linger,
        int sessions,
        Duration session,
        Duration clockSkew) {
    public static final RequestLimits DEFAULT =
            new RequestLimits(
                    1_024,
                    128,
                    64L << 20,
                    4_096,
                    65_536,
                    4_096,
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(30),
                    64,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(5));
}
