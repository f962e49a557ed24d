package org.tutti.coordinator.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.Step;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the engine wants done, in this order; entries are on disk before anything else of one batch
/// is done.
public sealed interface EngineOutput {
    /// Keep it.
    record Append(LogEntry entry) implements EngineOutput {}

    /// Keep it, on disk with the next that has to be: others say it again to whoever has lost it.
    record Note(LogEntry entry) implements EngineOutput {}

    /// Hand a request, or only what is new about it, to a peer, and tell its receipt.
    ///
    /// @param whole with the request and its transaction
    /// @param statements envelopes
    record Deliver(PeerId to, RequestId request, boolean whole, List<Bytes> statements)
            implements EngineOutput {
        public Deliver {
            statements = List.copyOf(statements);
        }
    }

    /// Ask a peer for the transaction of a request that came without.
    record Fetch(PeerId from, RequestId request) implements EngineOutput {}

    /// Publish a request.
    record Publish(Bytes envelope) implements EngineOutput {}

    /// Ask the policy.
    record Judge(Invitation request, Bytes psbt) implements EngineOutput {}

    /// The signers are a group from now on.
    ///
    /// @param peers whom each key speaks through
    record FormGroup(Invitation request, Map<PublicKey, PeerId> peers) implements EngineOutput {
        public FormGroup {
            peers = Map.copyOf(peers);
        }
    }

    /// The request needs its group no longer.
    record LeaveGroup(RequestId request) implements EngineOutput {}

    /// Ask the group for the signatures.
    record Sign(Invitation request) implements EngineOutput {}

    /// Tell a member what it lacks of a proposal, and tell its receipt.
    ///
    /// @param envelope of the proposal; none where the member has it
    /// @param statements envelopes
    /// @param previous encoding of the descriptor that it follows; for whoever was not in that
    ///   group
    record DeliverGroup(
            PeerId to,
            ProposalId proposal,
            Optional<Bytes> envelope,
            List<Bytes> statements,
            Optional<Bytes> previous)
            implements EngineOutput {
        public DeliverGroup {
            statements = List.copyOf(statements);
        }
    }

    /// Ask the policy.
    record JudgeGroup(Proposal proposal) implements EngineOutput {}

    /// Sign a descriptor.
    ///
    /// @param member whether with the key of its group
    /// @param yielding the group that it follows, where this node is in that one: with the key of
    ///   that group too
    record SealGroup(
            ProposalId proposal, Bytes descriptor, boolean member, Optional<Yielding> yielding)
            implements EngineOutput {}

    /// A group of this node that another follows.
    ///
    /// @param proposal by which its key is found
    /// @param descriptor its id
    record Yielding(ProposalId proposal, Bytes descriptor) {}

    /// Tell it.
    record EmitGroup(GroupEvent event) implements EngineOutput {}

    /// This node's user takes a step of a session.
    record TakeStep(RequestId request, SessionId session, Step step) implements EngineOutput {}

    /// Tell it.
    record Emit(CoordinatorEvent event) implements EngineOutput {}
}
