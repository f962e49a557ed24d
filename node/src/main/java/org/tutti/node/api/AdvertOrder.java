package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// What this node shall advertise that it co-signs. Without `types` it is what the configuration
/// says in `[requests.advertise]`.
///
/// @param types `spend`, `swap`, `coinjoin`, `custody`, `escrow`, `channel`, `custom`
/// @param customType what `custom` is, at most 32 characters
/// @param minAmountSat in satoshi; 0 if absent
/// @param maxAmountSat in satoshi; 0, if absent, is no bound
/// @param purpose at most 64 characters
/// @param nickname at most 64 characters
/// @param description at most 1,000 characters
/// @param feeSat satoshi of each transaction
/// @param feePpm parts per million of the amount, besides
/// @param responseSeconds how soon it says that it answers
/// @param minReputation of who asks
/// @param verifiedOnly whether who asks has to be vouched for
/// @param vouches for this node's key, as `signer vouch` writes them, at most 4
/// @param lifetimeSeconds how long each advert counts, up to 7 days; a day if absent
public record AdvertOrder(
        @JsonOmitted Optional<List<String>> types,
        @JsonOmitted Optional<String> customType,
        @JsonOmitted Optional<Long> minAmountSat,
        @JsonOmitted Optional<Long> maxAmountSat,
        @JsonOmitted Optional<String> purpose,
        @JsonOmitted Optional<String> nickname,
        @JsonOmitted Optional<String> description,
        @JsonOmitted Optional<Long> feeSat,
        @JsonOmitted Optional<Long> feePpm,
        @JsonOmitted Optional<Long> responseSeconds,
        @JsonOmitted Optional<Long> minReputation,
        @JsonOmitted Optional<Boolean> verifiedOnly,
        @JsonOmitted Optional<List<String>> vouches,
        @JsonOmitted Optional<Long> lifetimeSeconds) {
    /// Types alone, named.
    public static AdvertOrder of(List<String> types, String nickname) {
        return new AdvertOrder(
                Optional.of(types),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(nickname),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
