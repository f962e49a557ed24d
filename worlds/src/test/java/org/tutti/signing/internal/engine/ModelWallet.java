package org.tutti.signing.internal.engine;

import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A wallet that knows the model chain, and a policy that may become stricter. It is told of holds
/// again after each restart, so it has no memory of its own.
final class ModelWallet implements WorldWallet {
    private final WorldChain chain;
    private final Map<SessionId, WorldChain.Transaction> held = new LinkedHashMap<>();
    private int limit = NO_LIMIT;

    ModelWallet(WorldChain chain) {
        this.chain = chain;
    }

    @Override
    public void limit(int amount) {
        limit = amount;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public void doubtClock() {}

    @Override
    public void trustClock() {}

    @Override
    public void signs(WorldChain.Transaction transaction) {}

    @Override
    public void restarted() {
        held.clear();
    }

    @Override
    public Decision decide(SigningRequest request) {
        if (!chain.knows(request.context())) {
            return new Decision.Refused("UNKNOWN_TRANSACTION", "the context names none");
        }
        WorldChain.Transaction transaction = chain.find(request.context());
        if (transaction.amount() > limit) {
            return new Decision.Refused("ABOVE_LIMIT", "the policy is stricter now");
        }
        if (transaction.coins().stream().anyMatch(chain::isSpent)) {
            return new Decision.Refused("SPENT", "a coin is spent");
        }
        return new Decision.Approved(transaction.messages(), transaction.hold());
    }

    @Override
    public void changed(EngineOutput.HoldChanged change) {
        SessionId id = change.request().sessionId();
        switch (change.change()) {
            case COMMITTED, UNKNOWN, SIGNED -> held.put(id, chain.find(change.request().context()));
            case RESERVED -> {}
            case RELEASED, SETTLED -> held.remove(id);
        }
    }

    @Override
    public List<SessionId> settled() {
        List<SessionId> over = new ArrayList<>();
        held.forEach((id, transaction) -> {
            if (chain.isSettled(transaction)) {
                over.add(id);
            }
        });
        return over;
    }
}
