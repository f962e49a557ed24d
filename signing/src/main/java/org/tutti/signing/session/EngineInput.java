package org.tutti.signing.session;

import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound;

/// What happens to an engine.
public sealed interface EngineInput {
    /// This node's own wish.
    record LocalRequest(SigningRequest request) implements EngineInput {}

    /// A verified message of a member, by whatever way it came.
    record Received(Inbound message) implements EngineInput {}

    /// A stream of a member carried something that is no message of this protocol.
    record Rejected(int member, DropReason reason) implements EngineInput {}

    /// The approval's answer.
    record Decided(SessionId session, Decision decision) implements EngineInput {}

    /// Messages to this member get through again; what was sent before may be lost.
    record PeerConnected(int member) implements EngineInput {}

    /// Time may have passed a deadline.
    record Tick() implements EngineInput {}

    /// The journal cannot be written any more.
    record JournalFailed(String message) implements EngineInput {}

    /// The node stops.
    record Shutdown() implements EngineInput {}
}
