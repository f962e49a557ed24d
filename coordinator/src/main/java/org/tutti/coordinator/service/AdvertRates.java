package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.base.TokenBucket;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.util.function.LongSupplier;

/// How often adverts are looked at. Nobody is punished for more: it is left out. Safe for all
/// threads.
final class AdvertRates {
    private static final int MAX_KEYS = 65_536;
    private static final int MAX_PEERS = 1_024;

    private final AdvertLimits limits;
    private final LongSupplier nanos;
    private final TokenBucket all;
    private final BoundedMap<PublicKey, TokenBucket> adverts = new BoundedMap<>(MAX_KEYS);
    private final BoundedMap<PublicKey, TokenBucket> retirements = new BoundedMap<>(MAX_KEYS);
    private final BoundedMap<PeerId, TokenBucket> forwarders = new BoundedMap<>(MAX_PEERS);
    private final BoundedMap<PeerId, TokenBucket> asking = new BoundedMap<>(MAX_PEERS);
    private final BoundedMap<Bytes, Boolean> passed = new BoundedMap<>(MAX_KEYS);

    /// @param nanos nanoseconds since some fixed moment
    AdvertRates(AdvertLimits limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
        this.all = new TokenBucket(limits.askedOfAll(), limits.askedOfAll(), nanos.getAsLong());
    }

    /// Whether one more advert of a key counts, by gossip or the DHT. Called once for an advert,
    /// whatever brings it.
    synchronized boolean allowAdvert(PublicKey key) {
        return allow(adverts, key);
    }

    /// Taking adverts back has its own bucket: whoever has just advertised can still do it.
    synchronized boolean allowRetirement(PublicKey key) {
        return allow(retirements, key);
    }

    /// A token is a second; one of these costs the interval.
    private boolean allow(BoundedMap<PublicKey, TokenBucket> buckets, PublicKey key) {
        int cost = (int) limits.interval().toSeconds();
        long now = nanos.getAsLong();
        TokenBucket bucket = buckets.get(key);
        if (bucket == null) {
            bucket = new TokenBucket(limits.burst() * cost, 1, now);
            buckets.put(key, bucket);
        }
        return bucket.take(cost, now);
    }

    /// Whether gossip may bring one more through a peer, before anything is verified.
    synchronized boolean allowForwarder(PeerId peer) {
        long now = nanos.getAsLong();
        TokenBucket bucket = forwarders.get(peer);
        if (bucket == null) {
            bucket = new TokenBucket(limits.forwarderBurst(), limits.forwarderPerSecond(), now);
            forwarders.put(peer, bucket);
        }
        return bucket.take(now);
    }

    /// Whether a peer may hand over, or be given, so many adverts over a stream.
    synchronized boolean allowAsked(PeerId peer, int count) {
        long now = nanos.getAsLong();
        TokenBucket bucket = asking.get(peer);
        if (bucket == null) {
            bucket = new TokenBucket(limits.askedBurst(), limits.askedPerSecond(), now);
            asking.put(peer, bucket);
        }
        return bucket.take(count, now) && all.take(count, now);
    }

    /// Whether a message is passed on in a topic for the first time.
    ///
    /// @param message a digest of topic and content
    synchronized boolean isFirst(Bytes message) {
        boolean first = passed.get(message) == null;
        passed.put(message, true);
        return first;
    }
}
