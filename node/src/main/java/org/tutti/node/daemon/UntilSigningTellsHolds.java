package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionEvent;

import java.util.function.Consumer;

/// TO BE REMOVED with the two calls that [Node#start] still lacks,
/// `SigningServiceBuilder.holdListener(HoldListener)` and `SigningService.holds()`: nothing is
/// held, and signatures are learned of from the events, until their request expires only.
final class UntilSigningTellsHolds implements Holds, Consumer<SessionEvent> {
    private final HoldListener listener;

    UntilSigningTellsHolds(HoldListener listener) {
        this.listener = listener;
    }

    @Override
    public void accept(SessionEvent event) {
        if (event instanceof SessionEvent.Signed signed) {
            listener.signed(signed.request(), Hold.NONE, signed.signatures(), signed.at());
        }
    }

    @Override
    public boolean isHeld(Bytes resource) {
        return false;
    }

    @Override
    public void settle(SessionId session) {}

    @Override
    public void allowConflict(SessionId session) {}
}
