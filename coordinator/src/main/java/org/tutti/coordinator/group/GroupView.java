package org.tutti.coordinator.group;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Proposal;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.util.List;
import java.util.Optional;

/// A proposal, or the group that it became, as a node sees it at one moment.
///
/// @param own whether this node proposed it
/// @param leaving who were in the group that it follows and are not in this one
/// @param descriptor only when the group is formed: nobody learns an address before, and whoever
///   leaves never
/// @param successor descriptor id of the group that follows this one, where that is formed
/// @param failure why it is none
public record GroupView(
        Proposal proposal,
        boolean own,
        GroupPhase phase,
        List<MemberView> members,
        List<MemberView> leaving,
        Optional<GroupDescriptor> descriptor,
        Optional<Bytes> successor,
        Optional<GroupFailure> failure) {
    public GroupView {
        members = List.copyOf(members);
        leaving = List.copyOf(leaving);
    }

    /// One member, or one that leaves.
    ///
    /// @param self whether it is this node
    /// @param agreed whether it has consented, or agreed to leave
    /// @param groupKey that it consented with
    /// @param policy the rules by which it says it will sign; empty: it signs nothing by itself
    /// @param sealed whether its signature of the descriptor is here, and that with its key of the
    ///   group that is followed
    /// @param holds whether it has said that it holds all signatures
    public record MemberView(
            PublicKey key,
            PeerId peer,
            boolean self,
            boolean connected,
            boolean agreed,
            Optional<GroupKey> groupKey,
            Optional<String> policy,
            boolean sealed,
            boolean holds) {}
}
