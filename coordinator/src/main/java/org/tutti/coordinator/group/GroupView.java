package org.tutti.coordinator.group;

import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Proposal;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.util.List;
import java.util.Optional;

/// A proposal, or the group that it became, as a node sees it at one moment.
///
/// @param own whether this node proposed it
/// @param descriptor only when the group is formed: nobody learns an address before
/// @param failure why it is none
public record GroupView(
        Proposal proposal,
        boolean own,
        GroupPhase phase,
        List<MemberView> members,
        Optional<GroupDescriptor> descriptor,
        Optional<GroupFailure> failure) {
    public GroupView {
        members = List.copyOf(members);
    }

    /// One member.
    ///
    /// @param self whether it is this node
    /// @param groupKey that it consented with
    /// @param policy the rules by which it says it will sign; empty: it signs nothing by itself
    /// @param sealed whether its signature of the descriptor is here
    /// @param holds whether it has said that it holds all signatures
    public record MemberView(
            PublicKey key,
            PeerId peer,
            boolean self,
            boolean connected,
            Optional<GroupKey> groupKey,
            Optional<String> policy,
            boolean sealed,
            boolean holds) {}
}
