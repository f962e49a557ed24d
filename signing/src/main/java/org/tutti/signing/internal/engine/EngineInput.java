package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.Step;

import java.util.List;

/// An input of the engine.
public sealed interface EngineInput {
    /// A request of this node.
    record LocalRequest(SigningRequest request) implements EngineInput {}

    /// A verified message of a member, whichever peer sent it here.
    record Received(Inbound message) implements EngineInput {}

    /// A stream of a member carried bytes that are not a valid message.
    record Rejected(int member, DropReason reason) implements EngineInput {}

    /// A member said hello for a group that this node is not in.
    record OtherGroup(int member, Bytes group) implements EngineInput {}

    /// The approval's answer.
    record Decided(SessionId session, Decision decision) implements EngineInput {}

    /// This node's user takes a step that a session waits for.
    record TakeStep(SessionId session, Step step) implements EngineInput {}

    /// The stream to this member is open again; what was sent before may be lost.
    record PeerConnected(int member) implements EngineInput {}

    /// What the session holds is settled: it is final, or can no longer happen.
    ///
    /// @param outcome as its owner says
    record Settle(SessionId session, Bytes outcome) implements EngineInput {}

    /// The operator lets another operation make this one impossible.
    record AllowConflict(SessionId session) implements EngineInput {}

    /// A part of what a member remembers, for this node, whose journal was lost.
    ///
    /// @param holds what each of its sessions holds, as this node's approval reads its request
    record HandedOver(Inbound.HandedOver message, List<Hold> holds) implements EngineInput {
        public HandedOver {
            holds = List.copyOf(holds);
        }
    }

    /// The operator consents to the journal that a member, whose own was lost, asks to go on with.
    record Consent(int member, Bytes journal) implements EngineInput {}

    /// The operator has looked at the wall clock after a step, and it is right.
    record AcceptClock() implements EngineInput {}

    /// Time may have passed a deadline.
    record Tick() implements EngineInput {}

    /// The journal cannot be written any more.
    record JournalFailed(String message) implements EngineInput {}

    /// This node takes no part in the group any more, until it is added again.
    record GroupDropped() implements EngineInput {}

    /// The node shuts down.
    record Shutdown() implements EngineInput {}
}
