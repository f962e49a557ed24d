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

    /// Whether partial signatures of this node left, so that others may complete the signatures
    /// without it: it must not be done again in a way that does not conflict.
    boolean partialsLeft();

    /// Signed: each signature was verified as BIP340 under its tweaked key (SAFETY 12).
    ///
    /// @param signatures one for each message, in the request's order
    record Signed(SessionId sessionId, List<SchnorrSignature> signatures)
            implements SessionOutcome {
        public Signed {
            signatures = List.copyOf(signatures);
        }

        @Override
        public boolean partialsLeft() {
            return true;
        }
    }

    /// A signer refused.
    record Refused(SessionId sessionId, Member by, String code, String reason, boolean partialsLeft)
            implements SessionOutcome {}

    /// The session was aborted.
    ///
    /// @param by who aborted: this node, or the member that sent the Abort
    /// @param code see [AbortCode]; another member may send a code that is not in it
    /// @param culprits whom this node blames: what they signed convicts them, and `evidence` is the
    ///   file that says so. Empty if another member aborted
    /// @param observed members that this node saw silent or behind, which proves nothing against
    ///   them
    /// @param claimed whom `by` blames, if it is another member: its claim, which this node could
    ///   not verify
    /// @param evidence the file with the proof, if this node has it
    record Aborted(
            SessionId sessionId,
            Member by,
            String code,
            List<Member> culprits,
            List<Member> observed,
            List<Member> claimed,
            String reason,
            Optional<Path> evidence,
            boolean partialsLeft)
            implements SessionOutcome {
        public Aborted {
            culprits = List.copyOf(culprits);
            observed = List.copyOf(observed);
            claimed = List.copyOf(claimed);
        }
    }
}
