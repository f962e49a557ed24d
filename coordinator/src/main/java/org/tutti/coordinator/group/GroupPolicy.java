package org.tutti.coordinator.group;

import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Refusal;

/// Decides which groups this node becomes a member of. Called from many threads.
///
/// With n-of-n, any member can freeze the money of a group by not signing: rules that consent to
/// strangers should belong to a wallet with little in it.
@FunctionalInterface
public interface GroupPolicy {
    /// Lets a person decide about each.
    GroupPolicy ASK = _ -> new Ask();

    /// Looks at a proposal. May block.
    Decision judge(Proposal proposal) throws InterruptedException;

    /// What is decided.
    sealed interface Decision {}

    /// Become a member; or, where the proposal is of a group that follows one of this node's
    /// without it, agree to leave.
    ///
    /// @param policy by which rules this node will sign, in words, at most [Consent#MAX_POLICY]
    ///   characters; empty: it signs nothing by itself
    record Agree(String policy) implements Decision {}

    /// A person decides.
    record Ask() implements Decision {}

    /// Do not, which ends the proposal.
    ///
    /// @param code upper-case word for programs, at most [Refusal#MAX_CODE] characters
    /// @param reason one sentence for people
    record Decline(String code, String reason) implements Decision {}
}
