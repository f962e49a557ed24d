package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A signing key says what it co-signs, and how it is reached. A key has one advert: the one with
/// the highest sequence.
///
/// @param vouches who says that the key is whom it claims to be; at most [Vouch#MAX]
public record Advert(
        Header header,
        Optional<Bytes> inboxKey,
        List<Multiaddr> addresses,
        AdvertTerms terms,
        List<Vouch> vouches,
        Bytes envelope)
        implements Reachable {
    /// Largest advert, envelope included.
    public static final int MAX_BYTES = 10_240;

    /// Longest time from an advert's making to its expiry.
    public static final Duration MAX_LIFETIME = Duration.ofDays(7);

    public Advert {
        addresses = List.copyOf(addresses);
        vouches = List.copyOf(vouches);
    }

    @Override
    public String toString() {
        return "advert of " + header.key() + " for " + terms.types();
    }
}
