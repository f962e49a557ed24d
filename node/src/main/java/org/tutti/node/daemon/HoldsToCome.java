package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.request.SessionId;

/// TO BE REPLACED by `SigningService.holds()`, which does not exist yet: nothing is held.
final class HoldsToCome implements Holds {
    @Override
    public boolean isHeld(Bytes resource) {
        return false;
    }

    @Override
    public void settle(SessionId session) {}

    @Override
    public void allowConflict(SessionId session) {}
}
