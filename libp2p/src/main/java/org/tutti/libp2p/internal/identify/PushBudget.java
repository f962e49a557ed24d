package org.tutti.libp2p.internal.identify;

import org.tutti.base.BoundedMap;
import org.tutti.base.TokenBucket;
import org.tutti.libp2p.identity.PeerId;

/// How often a peer may push to us: each push costs a signature's check and is told to subscribers.
/// Safe for all threads; the lock guards `buckets`.
///
/// As in go, ten at once and then one every five seconds; counted by peer, and remembered beyond a
/// connection, so that connecting again gains nothing.
final class PushBudget {
    /// Pushes at once.
    static final int BURST = 10;

    /// Seconds until one more is allowed.
    static final int SECONDS_EACH = 5;

    private final BoundedMap<PeerId, TokenBucket> buckets;

    /// @param maxPeers of how many peers the budget is remembered
    PushBudget(int maxPeers) {
        this.buckets = new BoundedMap<>(maxPeers);
    }

    /// @param now nanoseconds
    /// @return false if the peer has used up its budget
    synchronized boolean take(PeerId peer, long now) {
        TokenBucket bucket = buckets.get(peer);
        if (bucket == null) {
            // A token is a second.
            bucket = new TokenBucket(BURST * SECONDS_EACH, 1, now);
            buckets.put(peer, bucket);
        }
        return bucket.take(SECONDS_EACH, now);
    }
}
