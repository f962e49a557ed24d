package org.tutti.coordinator.event;

import org.tutti.coordinator.message.Invitation;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A request as a node sees it at one moment.
///
/// @param own whether this node made it
/// @param summary what it really does; empty until this node's policy has looked
/// @param signatures empty until it is signed
public record RequestView(
        Invitation request,
        boolean own,
        RequestPhase phase,
        List<String> summary,
        List<SignerView> signers,
        List<SchnorrSignature> signatures) {
    public RequestView {
        summary = List.copyOf(summary);
        signers = List.copyOf(signers);
        signatures = List.copyOf(signatures);
    }

    /// One signer of it.
    ///
    /// @param self whether it is this node
    /// @param since when the state began
    /// @param heard when something of it last arrived
    public record SignerView(
            PublicKey key,
            boolean self,
            boolean connected,
            SignerState state,
            Instant since,
            Optional<Instant> heard) {}
}
