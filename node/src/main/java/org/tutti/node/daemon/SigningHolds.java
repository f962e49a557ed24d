package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.request.SessionId;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// The holds of the signing service, which is started after the payments that use them. Threads:
/// any.
final class SigningHolds implements Holds {
    private final AtomicReference<@Nullable Holds> holds = new AtomicReference<>();

    /// To be called before the chain or anybody's payment is followed.
    void use(Holds started) {
        holds.set(started);
    }

    private Holds started() {
        Holds started = holds.get();
        if (started == null) {
            throw new IllegalStateException("the signing service is not there yet");
        }
        return started;
    }

    @Override
    public boolean isHeld(Bytes resource) {
        return started().isHeld(resource);
    }

    @Override
    public void settle(SessionId session, Bytes outcome) {
        started().settle(session, outcome);
    }

    @Override
    public List<SettledHold> settled(Bytes idempotencyKey) {
        return started().settled(idempotencyKey);
    }

    @Override
    public Map<SessionId, Hold> underWay() throws InterruptedException {
        return started().underWay();
    }

    @Override
    public void allowConflict(SessionId session) {
        started().allowConflict(session);
    }
}
