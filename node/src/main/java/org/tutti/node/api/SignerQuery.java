package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// Which signers are looked for.
///
/// @param types any of these; all if absent
/// @param purpose the advert's is the same; any if absent
/// @param minAmountSat an amount that the advert covers
/// @param maxAmountSat another that it covers
/// @param minReputation an unknown one is not enough
/// @param verifiedOnly only those for whom a key of `vouchers` vouches
/// @param maxResults at most [#MAX_RESULTS]; [#DEFAULT_RESULTS] if absent
/// @param known only those that are known already, without asking anybody
/// @param waitMillis how long to look at most, up to [#MAX_WAIT_MILLIS]
public record SignerQuery(
        @JsonOmitted Optional<List<String>> types,
        @JsonOmitted Optional<String> purpose,
        @JsonOmitted Optional<Long> minAmountSat,
        @JsonOmitted Optional<Long> maxAmountSat,
        @JsonOmitted Optional<Long> minReputation,
        @JsonOmitted Optional<Boolean> verifiedOnly,
        @JsonOmitted Optional<Long> maxResults,
        @JsonOmitted Optional<Boolean> known,
        long waitMillis) {
    public static final long MAX_WAIT_MILLIS = 20_000;
    public static final long DEFAULT_RESULTS = 100;
    public static final long MAX_RESULTS = 500;

    /// All of these types.
    public static SignerQuery of(List<String> types) {
        return new SignerQuery(
                types.isEmpty() ? Optional.empty() : Optional.of(types),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                5_000);
    }
}
