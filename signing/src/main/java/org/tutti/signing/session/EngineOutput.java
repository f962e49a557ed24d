package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningRequest;

import java.time.Instant;

/// What an engine wants done, in this order.
public sealed interface EngineOutput {
    /// To one member.
    record Send(int member, Bytes envelope) implements EngineOutput {}

    /// To every other member.
    record Broadcast(Bytes envelope) implements EngineOutput {}

    /// Ask the node's own policy; the answer comes back as [EngineInput.Decided].
    record AskApproval(SigningRequest request, Member requester, Instant deadline)
            implements EngineOutput {}

    /// SAFETY 3: written, and if `record.mustForce()` on disk, before any later Send or Broadcast
    /// of this or a following list leaves the process.
    record Append(JournalRecord record) implements EngineOutput {}

    /// Tell those who watch.
    record Emit(SessionEvent event) implements EngineOutput {}

    /// Keep a proof. The name is a plain file name.
    record SaveEvidence(String fileName, Bytes content) implements EngineOutput {}

    /// A session is over.
    record Finish(SessionOutcome outcome) implements EngineOutput {}
}
