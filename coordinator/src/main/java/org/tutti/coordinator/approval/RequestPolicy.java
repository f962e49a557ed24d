package org.tutti.coordinator.approval;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Invitation;
import org.tutti.signing.approval.Hold;

/// Decides on requests as one signer: when one arrives, and again when it is about to be signed,
/// because policy and chain may be others by then. Called from many threads.
public interface RequestPolicy {
    /// SAFETY 14: recomputes what is signed from the transaction and what this signer knows; never
    /// copies the request's messages. May block.
    ///
    /// @param psbt empty for raw messages
    Judgement judge(Invitation request, Bytes psbt) throws InterruptedException;

    /// The same for a request that this node has joined and is about to sign: what is counted
    /// against limits is counted here, because most requests that arrive are never signed.
    ///
    /// @param psbt empty for raw messages
    default Judgement judgeBeforeSigning(Invitation request, Bytes psbt)
            throws InterruptedException {
        return judge(request, psbt);
    }

    /// What a request holds, whatever the policy says now. Returns at once.
    Hold holdOf(Invitation request, Bytes psbt);

    /// The judgement alone.
    @FunctionalInterface
    interface Judge {
        /// See [RequestPolicy#judge].
        Judgement judge(Invitation request, Bytes psbt) throws InterruptedException;
    }

    /// For requests that hold nothing: two of them never conflict. Not for money.
    static RequestPolicy holdingNothing(Judge judge) {
        return new RequestPolicy() {
            @Override
            public Judgement judge(Invitation request, Bytes psbt) throws InterruptedException {
                return judge.judge(request, psbt);
            }

            @Override
            public Hold holdOf(Invitation request, Bytes psbt) {
                return Hold.NONE;
            }
        };
    }
}
