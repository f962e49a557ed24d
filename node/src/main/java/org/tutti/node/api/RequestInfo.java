package org.tutti.node.api;

import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A request as one node sees it. Amount, type, description and purpose are what the requester
/// wrote; `summary` is what this node's policy found out.
///
/// @param request its id, 64 hex digits
/// @param own whether this node made it
/// @param requester the key that asks, compressed, hex
/// @param made when, by the requester's clock; ISO 8601, UTC, as all times
/// @param expires when it no longer counts
/// @param coordinator the key that was elected
/// @param birthday height of a block before which there are no coins of these keys
/// @param messages how many are signed
/// @param psbt whether there is a transaction, or only messages
/// @param address where the coins of these keys are, `tr(musig(keys))`; absent in lists, and where
///   the keys are not sorted
/// @param summary lines for people; empty until this node's policy has looked
/// @param signers in the order of the request
/// @param signatures BIP340, 128 hex digits for each message; empty until it is signed
public record RequestInfo(
        String request,
        boolean own,
        RequestPhase phase,
        String requester,
        String made,
        String expires,
        String type,
        long amountSat,
        String description,
        String purpose,
        ElectionMethod election,
        String coordinator,
        int birthday,
        int messages,
        boolean psbt,
        @JsonOmitted Optional<String> address,
        List<String> summary,
        List<Signer> signers,
        List<String> signatures) {
    public RequestInfo {
        summary = List.copyOf(summary);
        signers = List.copyOf(signers);
        signatures = List.copyOf(signatures);
    }

    /// One signer.
    ///
    /// @param key compressed, hex
    /// @param name what this node's configuration calls the key
    /// @param self whether it is this node
    /// @param since when the state began
    /// @param heard when something of it last arrived
    public record Signer(
            String key,
            @JsonOmitted Optional<String> name,
            boolean self,
            boolean connected,
            SignerState state,
            String since,
            @JsonOmitted Optional<String> heard) {}
}
