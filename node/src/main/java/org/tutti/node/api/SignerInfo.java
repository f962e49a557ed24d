package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A signer and what it advertises. All but its key, its peer and the times is a claim of its own.
///
/// @param key 66 hex digits: what a request names
/// @param contact what the key is called in `[requests.contacts]`, if it is
/// @param peerId through which it speaks
/// @param maxAmountSat 0 is no bound
/// @param verified whether a key of `vouchers` vouches for it
/// @param via how it was found: `cache`, `direct`, `gossip` or `dht`; absent for this node's own
/// @param made when, by its clock
/// @param until when its advert ends
public record SignerInfo(
        String key,
        @JsonOmitted Optional<String> contact,
        String peerId,
        List<String> types,
        @JsonOmitted Optional<String> customType,
        long minAmountSat,
        long maxAmountSat,
        String purpose,
        String nickname,
        String description,
        long feeSat,
        long feePpm,
        long responseSeconds,
        long minReputation,
        boolean verifiedOnly,
        boolean verified,
        @JsonOmitted Optional<String> via,
        String made,
        String until) {
    public SignerInfo {
        types = List.copyOf(types);
    }
}
