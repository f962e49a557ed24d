package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.TokenBucket;
import org.tutti.libp2p.identity.PeerId;

import java.util.function.LongSupplier;

/// How often strangers may ask what is kept for a recipient: a short question, and an answer of
/// megabytes that has to be encrypted for it.
final class InboxQueries {
    /// At once, and one more each second.
    static final int OF_ONE_PEER = 4;

    /// Of all peers together, in a second and at once: new peers cost nothing.
    static final int OF_ALL = 8;

    private static final int MAX_PEERS = 1_024;

    private final LongSupplier nanos;
    private final TokenBucket all;
    private final BoundedMap<PeerId, TokenBucket> each = new BoundedMap<>(MAX_PEERS);

    InboxQueries(LongSupplier nanos) {
        this.nanos = nanos;
        this.all = new TokenBucket(OF_ALL, OF_ALL, nanos.getAsLong());
    }

    synchronized boolean allow(PeerId peer) {
        long now = nanos.getAsLong();
        TokenBucket own = each.get(peer);
        if (own == null) {
            own = new TokenBucket(OF_ONE_PEER, 1, now);
            each.put(peer, own);
        }
        return own.take(now) && all.take(now);
    }
}
