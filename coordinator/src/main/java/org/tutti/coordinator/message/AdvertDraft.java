package org.tutti.coordinator.message;

import java.time.Duration;
import java.util.List;

/// What a signer wants to advertise, before author, reachability and times are added.
///
/// @param vouches for the signer's key
/// @param lifetime how long each advert counts; it is renewed after half of it
public record AdvertDraft(AdvertTerms terms, List<Vouch> vouches, Duration lifetime) {
    public static final Duration DEFAULT_LIFETIME = Duration.ofHours(24);

    public AdvertDraft {
        vouches = List.copyOf(vouches);
        if (vouches.size() > Vouch.MAX) {
            throw new IllegalArgumentException(vouches.size() + " vouches");
        }
        if (lifetime.toMillis() < 1 || lifetime.compareTo(Advert.MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException("a lifetime of " + lifetime);
        }
    }

    /// For a day, without vouches.
    public static AdvertDraft of(AdvertTerms terms) {
        return new AdvertDraft(terms, List.of(), DEFAULT_LIFETIME);
    }
}
