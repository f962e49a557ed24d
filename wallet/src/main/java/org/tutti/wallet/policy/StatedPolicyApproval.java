package org.tutti.wallet.policy;

import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

import java.util.function.BooleanSupplier;

/// Signs nothing for a group where this signer has told the others no rules, or has none: whoever
/// becomes a member without words signs nothing by itself.
public final class StatedPolicyApproval {
    private StatedPolicyApproval() {}

    /// The approval of a signer in a group that strangers have formed.
    ///
    /// @param isStated whether it named its rules when it became a member, and has some now
    public static Approval around(Approval approval, BooleanSupplier isStated) {
        return new Approval() {
            @Override
            public Decision decide(SigningRequest request, Member requester)
                    throws InterruptedException {
                return isStated.getAsBoolean()
                        ? approval.decide(request, requester)
                        : new Decision.Refused(
                                RefusalCode.NO_POLICY.name(),
                                "this signer signs nothing for this group: it named no policy when"
                                        + " it became a member, or its configuration has none");
            }

            // It may have signed when its configuration was another.
            @Override
            public Hold holdOf(SigningRequest request) {
                return approval.holdOf(request);
            }
        };
    }
}
