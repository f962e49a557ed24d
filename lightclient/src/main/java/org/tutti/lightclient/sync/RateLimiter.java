package org.tutti.lightclient.sync;

import org.tutti.base.TokenBucket;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;

import java.time.Duration;
import java.time.Instant;

/// A token bucket for what one peer makes us read without being asked.
///
/// A message costs one token, and one more for every hundred inventory entries or headers.
/// [#CAPACITY] are there at the start and [#PER_SECOND] come back each second. Answers that we
/// asked for are not paid for, so an honest peer may be as fast as it can; a node that mines
/// thousands of blocks at once and announces each stays within the capacity.
final class RateLimiter {
    /// Most tokens saved up.
    static final int CAPACITY = 10_000;

    /// Tokens that come back in a second.
    static final int PER_SECOND = 500;

    private final TokenBucket bucket;
    private final Instant start;

    RateLimiter(Instant now) {
        start = now;
        bucket = new TokenBucket(CAPACITY, PER_SECOND, 0);
    }

    /// Pays for a message; false when the peer has nothing left.
    boolean pay(P2pMessage message, Instant now) {
        return bucket.take(cost(message), Duration.between(start, now).toNanos());
    }

    private static int cost(P2pMessage message) {
        return switch (message) {
            case Inv inv -> 1 + inv.items().size() / 100;
            case GetData getData -> 1 + getData.items().size() / 100;
            case Headers headers -> 1 + headers.headers().size() / 100;
            case NotFound notFound -> 1 + notFound.items().size() / 100;
            case P2pMessage _ -> 1;
        };
    }
}
