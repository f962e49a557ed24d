package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// An output of the engine. Outputs are performed in order.
public sealed interface EngineOutput {
    /// Send to one member.
    record Send(int member, Bytes envelope) implements EngineOutput {}

    /// Send to every other member.
    record Broadcast(Bytes envelope) implements EngineOutput {}

    /// Send on every connection with this member's identity, because two processes may have it.
    record SendToAllConnections(int member, Bytes envelope) implements EngineOutput {}

    /// Ask this node's approval; the answer is the input [EngineInput.Decided].
    record AskApproval(SigningRequest request, Member requester, Instant deadline)
            implements EngineOutput {}

    /// SAFETY 3: written, and if `record.mustForce()` on disk, before any later Send or Broadcast
    /// of this or a following list leaves the process.
    record Append(JournalRecord record) implements EngineOutput {}

    /// Report to the listener.
    record Emit(SessionEvent event) implements EngineOutput {}

    /// Save evidence in a file of this name, without a path.
    record SaveEvidence(String fileName, Bytes content) implements EngineOutput {}

    /// Tell the owner of what a session holds; see [org.tutti.signing.approval.HoldListener].
    ///
    /// @param signatures for `SIGNED` alone
    /// @param at by the wall clock
    record HoldChanged(
            Change change,
            SigningRequest request,
            Hold hold,
            List<SchnorrSignature> signatures,
            Instant at)
            implements EngineOutput {
        public HoldChanged {
            signatures = List.copyOf(signatures);
        }

        /// What became of it.
        public enum Change {
            RESERVED,
            COMMITTED,
            RELEASED,
            UNKNOWN,
            SIGNED,
            SETTLED
        }
    }

    /// Send a member, whose journal was lost, the next part of what this node's journal remembers.
    ///
    /// @param journal id of the member's new one
    /// @param after session id up to which it has all; or empty
    /// @param partials envelopes of others' partial signatures that are in memory, by session
    record HandOver(int member, Bytes journal, Bytes after, Map<SessionId, List<Bytes>> partials)
            implements EngineOutput {
        public HandOver {
            partials = Map.copyOf(partials);
        }
    }

    /// This node can no longer sign for this group; its owner should end it.
    record CannotSign(String code, String reason) implements EngineOutput {}

    /// A session has ended.
    record Finish(SessionOutcome outcome) implements EngineOutput {}
}
