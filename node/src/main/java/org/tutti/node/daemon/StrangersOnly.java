package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.message.Invitation;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Hold;

import java.util.Set;

/// Refuses requests over the keys of this node's group: what its members sign together is decided
/// by the group's policy and its day's limit, and by nothing that is laxer.
final class StrangersOnly implements RequestPolicy {
    /// The code of the refusal.
    static final String CODE = "KEYS_OF_THE_GROUP";

    private final RequestPolicy policy;
    private final Set<PublicKey> group;

    /// @param group empty if there is none
    StrangersOnly(RequestPolicy policy, Set<PublicKey> group) {
        this.policy = policy;
        this.group = Set.copyOf(group);
    }

    private boolean isGroup(Invitation request) {
        return !group.isEmpty() && Set.copyOf(request.keys()).equals(group);
    }

    private static Judgement refusal() {
        return new Judgement.Refused(
                CODE, "these are the keys of a group of its own, whose members pay with it");
    }

    @Override
    public Judgement judge(Invitation request, Bytes psbt) throws InterruptedException {
        return isGroup(request) ? refusal() : policy.judge(request, psbt);
    }

    @Override
    public Judgement judgeBeforeSigning(Invitation request, Bytes psbt)
            throws InterruptedException {
        return isGroup(request) ? refusal() : policy.judgeBeforeSigning(request, psbt);
    }

    @Override
    public Hold holdOf(Invitation request, Bytes psbt) {
        return policy.holdOf(request, psbt);
    }
}
