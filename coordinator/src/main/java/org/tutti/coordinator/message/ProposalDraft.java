package org.tutti.coordinator.message;

import java.time.Duration;
import java.util.List;

/// What is proposed, before author, salt and times are added.
///
/// @param name for people, 1 to [Proposal#MAX_NAME] plain characters
/// @param members the proposer among them, in any order
/// @param birthday height of a block before which the group has no coins
/// @param lifetime how long members have to consent
public record ProposalDraft(
        String name,
        List<Proposal.Member> members,
        GroupForm form,
        int birthday,
        Duration lifetime) {
    public ProposalDraft {
        members = List.copyOf(members);
    }
}
