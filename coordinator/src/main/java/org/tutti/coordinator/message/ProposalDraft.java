package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is proposed, before author, salt and times are added.
///
/// @param name for people, 1 to [Proposal#MAX_NAME] plain characters
/// @param members the proposer among them, unless it leaves; in any order
/// @param birthday height of a block before which the group has no coins
/// @param lifetime how long members have to consent
/// @param after what group it follows; empty for a new one
public record ProposalDraft(
        String name,
        List<Proposal.Member> members,
        GroupForm form,
        int birthday,
        Duration lifetime,
        Optional<After> after) {
    public ProposalDraft {
        members = List.copyOf(members);
    }

    /// A new group, which follows no other.
    public ProposalDraft(
            String name,
            List<Proposal.Member> members,
            GroupForm form,
            int birthday,
            Duration lifetime) {
        this(name, members, form, birthday, lifetime, Optional.empty());
    }

    /// The group that is followed.
    ///
    /// @param previous its descriptor's id, 32 bytes
    /// @param epoch of the group that follows: one more than its own
    /// @param leaving its members who are none of the next, in any order
    public record After(Bytes previous, int epoch, List<Proposal.Member> leaving) {
        public After {
            previous.requireLength(32, "descriptor id");
            leaving = List.copyOf(leaving);
        }
    }
}
