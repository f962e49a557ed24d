package org.tutti.signing.session;

import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How a session ended on this node.
public sealed interface SessionOutcome {
    SessionId sessionId();

    /// Signed: each signature was verified as BIP340 under its tweaked key (SAFETY 12).
    ///
    /// @param signatures one for each message, in the request's order
    record Signed(SessionId sessionId, List<SchnorrSignature> signatures)
            implements SessionOutcome {
        public Signed {
            signatures = List.copyOf(signatures);
        }
    }

    /// A signer said no.
    record Refused(SessionId sessionId, Member by, String code, String reason)
            implements SessionOutcome {}

    /// Given up.
    ///
    /// @param by who gave up: this node, or the member whose word it is
    /// @param code see [AbortCode]; a member may send words that are not in it
    /// @param culprits whom this node names by what it saw itself; proven where there is evidence.
    ///   Empty when another gave up
    /// @param claimed whom `by` blames, when it is another: its word alone, which this node could
    ///   not check
    /// @param evidence the file that proves it, when this node holds the proof
    record Aborted(
            SessionId sessionId,
            Member by,
            String code,
            List<Member> culprits,
            List<Member> claimed,
            String reason,
            Optional<Path> evidence)
            implements SessionOutcome {
        public Aborted {
            culprits = List.copyOf(culprits);
            claimed = List.copyOf(claimed);
        }
    }
}
