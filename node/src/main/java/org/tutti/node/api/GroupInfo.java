package org.tutti.node.api;

import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A proposal, or the group that it became, as one node sees it.
///
/// @param proposal its id, 64 hex digits
/// @param own whether this node proposed it
/// @param proposer the key that did, compressed, hex
/// @param made when, by the proposer's clock; ISO 8601, UTC, as all times
/// @param epoch 1 for a new group, one more for each that follows
/// @param expires until when members may consent
/// @param birthday height of a block before which it has no coins
/// @param members in the order of the proposal
/// @param leaving members of the group that it follows who are none of this one
/// @param descriptor its id, 64 hex digits; only when the group is formed
/// @param address the first that others pay to; only when the group is formed
/// @param previous id of the descriptor that it follows
/// @param successor id of the descriptor that follows it, where that group is formed
/// @param failure why it is none
public record GroupInfo(
        String proposal,
        boolean own,
        GroupPhase phase,
        String name,
        GroupForm form,
        int epoch,
        int birthday,
        String proposer,
        String made,
        String expires,
        List<Member> members,
        List<Member> leaving,
        @JsonOmitted Optional<String> descriptor,
        @JsonOmitted Optional<String> address,
        @JsonOmitted Optional<String> previous,
        @JsonOmitted Optional<String> successor,
        @JsonOmitted Optional<Failure> failure) {
    public GroupInfo {
        members = List.copyOf(members);
        leaving = List.copyOf(leaving);
    }

    /// One member, or one that leaves.
    ///
    /// @param key that it is found by, compressed, hex
    /// @param name what this node's configuration calls the key
    /// @param self whether it is this node
    /// @param policy by which rules it says it will sign; empty: it signs nothing by itself
    /// @param consented whether it has, or has agreed to leave
    /// @param sealed whether its signature of the group is here, and that with its key of the group
    ///   that is followed
    /// @param holds whether it has said that it holds all signatures
    public record Member(
            String key,
            @JsonOmitted Optional<String> name,
            String peer,
            boolean self,
            boolean connected,
            boolean consented,
            @JsonOmitted Optional<String> policy,
            boolean sealed,
            boolean holds) {}

    /// Why it will never be a group.
    ///
    /// @param culprits members' keys
    public record Failure(String code, String reason, List<String> culprits) {
        public Failure {
            culprits = List.copyOf(culprits);
        }
    }
}
