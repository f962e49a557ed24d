package org.tutti.signing.approval;

import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

/// Decides whether this signer takes part. Runs on its own virtual thread and may block until the
/// readiness deadline, for example to ask a person. Without a decision by then the signer refuses
/// with the code `APPROVAL_TIMEOUT`; an exception is a refusal with `APPROVAL_FAILED`. Called from
/// many threads, and for the requester's own requests too.
public interface Approval {
    /// SAFETY 14: rebuild what is signed from the request's context and from what this node knows;
    /// never copy `request.messages()`. The engine compares the two and refuses if they differ.
    Decision decide(SigningRequest request, Member requester) throws InterruptedException;

    /// What a request holds that was approved at some time which this node has forgotten, because
    /// its journal was lost: whatever the policy is now. Another member hands the request over, and
    /// this node is known to have signed it. Returns at once, and knows only the request.
    ///
    /// @return [Hold#NONE] if such requests hold nothing
    Hold holdOf(SigningRequest request);

    /// The decision alone.
    @FunctionalInterface
    interface Decider {
        /// See [Approval#decide].
        Decision decide(SigningRequest request, Member requester) throws InterruptedException;
    }

    /// Of requests that hold nothing: two of them never conflict, and nothing is held after a
    /// journal was lost. Not for money.
    static Approval holdingNothing(Decider decider) {
        return new Approval() {
            @Override
            public Decision decide(SigningRequest request, Member requester)
                    throws InterruptedException {
                return decider.decide(request, requester);
            }

            @Override
            public Hold holdOf(SigningRequest request) {
                return Hold.NONE;
            }
        };
    }
}
