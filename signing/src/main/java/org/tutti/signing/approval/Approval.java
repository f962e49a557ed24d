package org.tutti.signing.approval;

import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

/// Decides whether this signer takes part. Runs on a virtual thread of its own, may block (a person
/// may be asked) until the readiness deadline; a decision after it is a refusal with the code
/// `APPROVAL_TIMEOUT`, an exception one with `APPROVAL_FAILED`. Called for the requester's own
/// requests too, and from many threads.
@FunctionalInterface
public interface Approval {
    /// SAFETY 14: rebuild what is signed from the request's context and from what this node knows
    /// itself; never copy `request.messages()`. The engine compares the two and refuses when they
    /// differ.
    Decision decide(SigningRequest request, Member requester) throws InterruptedException;
}
