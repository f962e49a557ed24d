package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A session of a request: one try to sign it.
///
/// @param session its id, 64 hex digits
/// @param request id of its request, 64 hex digits
/// @param own whether this node announced it
/// @param since when the phase began; ISO 8601, UTC
/// @param reason why it ended, where it was aborted
/// @param waitedFor keys of the signers whose message did not come in time
/// @param signers all of the request, while that is not over
public record SessionInfo(
        String session,
        String request,
        boolean own,
        Phase phase,
        String since,
        @JsonOmitted Optional<String> reason,
        List<String> waitedFor,
        List<RequestInfo.Signer> signers) {
    /// How far a session is.
    public enum Phase {
        /// Members say that they are ready, and exchange public nonces.
        ROUND_1,
        /// All public nonces are here: partial signatures are exchanged, and from here on it may be
        /// signed.
        ROUND_2,
        /// All partial signatures are here.
        COMBINING,
        /// All signatures are here, and each was verified.
        SIGNED,
        /// It ended without signatures; another is made while its request counts.
        ABORTED
    }

    public SessionInfo {
        waitedFor = List.copyOf(waitedFor);
        signers = List.copyOf(signers);
    }
}
