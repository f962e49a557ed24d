package org.tutti.coordinator.group;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;

/// What happens to the groups of a node.
public sealed interface GroupEvent {
    Instant at();

    /// What it is about.
    ProposalId proposal();

    /// This node proposed a group, or another did; once however often it comes.
    ///
    /// @param own whether this node did
    record GroupProposed(Instant at, Proposal made, boolean own) implements GroupEvent {
        @Override
        public ProposalId proposal() {
            return made.id();
        }
    }

    /// A member, perhaps this node, has consented; or one that leaves has agreed.
    ///
    /// @param consented how many have
    /// @param of how many are needed
    record GroupConsented(Instant at, ProposalId proposal, PublicKey member, int consented, int of)
            implements GroupEvent {}

    /// All members hold the signatures of all: the group is there. Told again at each start. Which
    /// group it follows is in its descriptor.
    record GroupFormed(Instant at, ProposalId proposal, GroupDescriptor descriptor)
            implements GroupEvent {}

    /// A group that follows one that this node was in is there, without this node.
    ///
    /// @param previous descriptor id of the group that it was in, and is in still: what lies there
    ///   its members spend as before
    /// @param successor descriptor id of the one that follows
    record GroupLeft(Instant at, ProposalId proposal, Bytes previous, Bytes successor)
            implements GroupEvent {}

    /// It will never be formed.
    record GroupFailed(Instant at, ProposalId proposal, GroupFailure failure)
            implements GroupEvent {}
}
