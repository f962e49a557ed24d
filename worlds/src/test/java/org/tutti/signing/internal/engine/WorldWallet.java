package org.tutti.signing.internal.engine;

import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.List;

/// What stands above one node's engine in a simulated world: it decides requests, is told of holds,
/// and settles them. A model of a wallet, [ModelWallet], or the real one.
interface WorldWallet {
    int NO_LIMIT = Integer.MAX_VALUE;

    /// The policy from now on.
    ///
    /// @param amount the most that one operation may have
    void limit(int amount);

    /// The policy of this moment.
    int limit();

    /// The wall clock has stepped.
    void doubtClock();

    /// The operator says that the wall clock is right.
    void trustClock();

    /// Partial signatures of this node's leave.
    void signs(WorldChain.Transaction transaction);

    /// The process has died; the next one is told of holds again.
    void restarted();

    /// The decision by the policy and the chain of this moment.
    Decision decide(SigningRequest request);

    void changed(EngineOutput.HoldChanged change);

    /// Sessions whose holds are final, or can no longer happen.
    List<SessionId> settled();
}
