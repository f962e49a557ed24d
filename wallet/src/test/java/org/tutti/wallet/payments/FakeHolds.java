package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.request.SessionId;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What is held, as a test says.
final class FakeHolds implements Holds {
    final Set<Bytes> held = new HashSet<>();
    final List<SessionId> settled = new ArrayList<>();

    @Override
    public boolean isHeld(Bytes resource) {
        return held.contains(resource);
    }

    @Override
    public void settle(SessionId session) {
        settled.add(session);
    }

    @Override
    public void allowConflict(SessionId session) {
        throw new AssertionError("not asked for");
    }
}
