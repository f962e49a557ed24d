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

    /// A signer refused.
    record Refused(SessionId sessionId, Member by, String code, String reason)
            implements SessionOutcome {}

    /// The session was aborted.
    ///
    /// @param by who aborted: this node, or the member that sent the Abort
    /// @param code see [AbortCode]; another member may send a code that is not in it
    /// @param culprits whom this node blames for what it received itself; proven if there is
    ///   evidence. Empty if another member aborted
    /// @param claimed whom `by` blames, if it is another member: its claim, which this node could
    ///   not verify
    /// @param evidence the file with the proof, if this node has it
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
