package org.tutti.libp2p.internal.kad;

import org.tutti.base.BoundedMap;
import org.tutti.base.TokenBucket;
import org.tutti.libp2p.identity.PeerId;

/// How many requests of each peer are answered: a burst, then a rate. What is asked costs as it
/// works: to keep a value is the dearest, for a signature may have to be verified.
final class RequestBudget {
    /// A peer's look-ups make a few requests to one other peer each; programs that publish a lot
    /// send hundreds at once.
    static final int BURST = 4_000;

    static final int PER_SECOND = 1_000;

    /// Peers whose requests are counted; more than have connections at once as a rule.
    static final int MAX_PEERS = 1_024;

    private final BoundedMap<PeerId, TokenBucket> buckets = new BoundedMap<>(MAX_PEERS);

    /// @return false if the peer asked too much
    boolean take(PeerId peer, Request request, long now) {
        TokenBucket bucket = buckets.get(peer);
        if (bucket == null) {
            bucket = new TokenBucket(BURST, PER_SECOND, now);
            buckets.put(peer, bucket);
        }
        return bucket.take(cost(request), now);
    }

    private static int cost(Request request) {
        return switch (request) {
            case Request.FindNode _, Request.GetValue _, Request.GetProviders _ -> 1;
            case Request.AddProvider _ -> 2;
            case Request.PutValue _ -> 4;
            case Request.Ping _ -> 1;
        };
    }
}
