package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A request to be made. Amount, type, description and purpose are for people: signers recompute
/// what a transaction really does.
///
/// @param keys all signers', this node's among them: 66 hex digits each, or names of
///   `[requests.contacts]`
/// @param psbt the transaction, PSBT of version 0 or 2 in base64, with the outputs that all its
///   inputs spend; instead of `hashes`
/// @param hashes messages without a transaction, 64 hex digits each; most signers refuse them
/// @param keyPath whether `hashes` are signed by the key of the address (BIP341 key path without
///   scripts), and not by the aggregate key itself; false if absent
/// @param asGiven whether the keys stay in this order, for `hashes` alone; false if absent: sorted
/// @param amountSat in satoshi; what the transaction takes from the keys' coins if absent
/// @param type such as `spend` or `swap`; [#DEFAULT_TYPE] if absent
/// @param description at most 1,000 characters
/// @param purpose at most 64 characters
/// @param election who coordinates: `lexicographic`, `hash`, `first` or `last`; `hash` if absent
/// @param expirySeconds how long it counts, up to 14 days; [#DEFAULT_EXPIRY_SECONDS] if absent
/// @param birthday height of a block before which there are no coins of these keys: signers who
///   join look for coins from there on, in the last thirty days at most; 0 if absent: for none that
///   is there already
public record RequestOrder(
        List<String> keys,
        @JsonOmitted Optional<String> psbt,
        @JsonOmitted Optional<List<String>> hashes,
        @JsonOmitted Optional<Boolean> keyPath,
        @JsonOmitted Optional<Boolean> asGiven,
        @JsonOmitted Optional<Long> amountSat,
        @JsonOmitted Optional<String> type,
        @JsonOmitted Optional<String> description,
        @JsonOmitted Optional<String> purpose,
        @JsonOmitted Optional<String> election,
        @JsonOmitted Optional<Long> expirySeconds,
        @JsonOmitted Optional<Long> birthday) {
    public static final String DEFAULT_TYPE = "spend";
    public static final long DEFAULT_EXPIRY_SECONDS = 24 * 3_600;
    public static final long MAX_EXPIRY_SECONDS = 14 * 24 * 3_600;

    public RequestOrder {
        keys = List.copyOf(keys);
    }

    /// For a transaction, with what is absent as it is by default.
    public static RequestOrder of(List<String> keys, String psbt) {
        return new RequestOrder(
                keys,
                Optional.of(psbt),
                Optional.empty(),
                Optional.empty(),
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
