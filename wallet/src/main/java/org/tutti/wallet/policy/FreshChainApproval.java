package org.tutti.wallet.policy;

import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Decides on payments only while this signer's chain is fresh, if its policy asks for that: a
/// signer whose Bitcoin peers are gone, or hide blocks, may take coins for unspent that are spent.
///
/// A chain that is not fresh says nothing against a payment, so it waits; the session's readiness
/// deadline interrupts a wait that is too long. What is no payment does not wait for its refusal.
///
/// Safe for many threads at once.
public final class FreshChainApproval implements Approval {
    /// How often the chain is looked at meanwhile.
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final Approval approval;
    private final BooleanSupplier isFresh;
    private volatile boolean required;

    /// @param approval decides once the chain is fresh
    /// @param isFresh whether payments can be judged by the chain now; asked often
    /// @param required whether the policy asks for it
    public FreshChainApproval(Approval approval, BooleanSupplier isFresh, boolean required) {
        this.approval = approval;
        this.isFresh = isFresh;
        this.required = required;
    }

    /// From now on the policy asks for a fresh chain, or no longer does.
    public void require(boolean value) {
        required = value;
    }

    /// Whether a payment would have to wait now.
    public boolean isHeldUp() {
        return required && !isFresh.getAsBoolean();
    }

    @Override
    public Decision decide(SigningRequest request, Member requester) throws InterruptedException {
        boolean isPayment = FeeLadder.isPayment(request.purpose());
        while (isPayment && isHeldUp()) {
            Thread.sleep(INTERVAL);
        }
        return approval.decide(request, requester);
    }

    // It may have signed when its chain was fresh, or its policy another.
    @Override
    public Hold holdOf(SigningRequest request) {
        return approval.holdOf(request);
    }
}
