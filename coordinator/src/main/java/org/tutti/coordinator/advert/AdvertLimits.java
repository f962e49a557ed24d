package org.tutti.coordinator.advert;

import java.time.Duration;

/// The bounds of adverts. Each has a test that exceeds it.
///
/// @param adverts most that are kept
/// @param bytes most bytes that these take in memory
/// @param tombstones most sequences that are remembered, below which a key's adverts count no
///   longer
/// @param keysPerAuthor most keys of one peer whose adverts are kept
/// @param recordsPerAuthor most adverts and tombstones of one peer, together
/// @param burst adverts of one key that gossip and the DHT bring at once: three types, and one more
/// @param interval one more after this time; whole seconds
/// @param forwarderBurst adverts that gossip brings through one peer at once
/// @param forwarderPerSecond and that many more each second
/// @param askedBurst adverts that one peer hands over, or asks for, at once
/// @param askedPerSecond and that many more each second
/// @param askedOfAll the same of all peers together, at once and each second
/// @param peersAsked connected peers that one search asks
/// @param pagesAsked answers of one peer that one search reads
public record AdvertLimits(
        int adverts,
        long bytes,
        int tombstones,
        int keysPerAuthor,
        int recordsPerAuthor,
        int burst,
        Duration interval,
        int forwarderBurst,
        int forwarderPerSecond,
        int askedBurst,
        int askedPerSecond,
        int askedOfAll,
        int peersAsked,
        int pagesAsked) {
    public static final AdvertLimits DEFAULT =
            new AdvertLimits(
                    8_192,
                    32L << 20,
                    65_536,
                    10,
                    100,
                    4,
                    Duration.ofSeconds(60),
                    256,
                    128,
                    128,
                    16,
                    512,
                    32,
                    8);
}
