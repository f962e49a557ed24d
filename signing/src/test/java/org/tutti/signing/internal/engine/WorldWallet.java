package org.tutti.signing.internal.engine;

import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.List;

/// What stands above one node's engine in a simulated world: it decides requests, is told of holds,
/// and settles them. A model of a wallet, [ModelWallet], and in time the real one.
interface WorldWallet {
    /// The decision by the policy and the chain of this moment.
    Decision decide(SigningRequest request);

    void changed(EngineOutput.HoldChanged change);

    /// Sessions whose holds are final, or can no longer happen.
    List<SessionId> settled();
}
