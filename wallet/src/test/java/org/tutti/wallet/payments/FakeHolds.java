package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.request.SessionId;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is held, as a test says.
final class FakeHolds implements Holds {
    /// Whatever the operator allows.
    final Set<Bytes> held = new HashSet<>();

    /// By sessions of which the operator may allow that another takes it.
    private final Map<SessionId, Set<Bytes>> bySession = new HashMap<>();

    final Map<SessionId, Hold> underWay = new HashMap<>();

    final List<SessionId> settled = new ArrayList<>();

    final Map<SessionId, Bytes> outcomes = new HashMap<>();

    /// What signing remembers of settled payments, by their keys.
    final Map<Bytes, List<SettledHold>> byKey = new HashMap<>();

    @Override
    public boolean isHeld(Bytes resource) {
        return held.contains(resource)
                || bySession.values().stream().anyMatch(resources -> resources.contains(resource));
    }

    @Override
    public void settle(SessionId session, Bytes outcome) {
        settled.add(session);
        outcomes.put(session, outcome);
    }

    @Override
    public List<SettledHold> settled(Bytes idempotencyKey) {
        return byKey.getOrDefault(idempotencyKey, List.of());
    }

    @Override
    public Map<SessionId, Hold> underWay() {
        return underWay;
    }

    @Override
    public void allowConflict(SessionId session) {
        bySession.remove(session);
    }

    void hold(SessionId session, Collection<Bytes> resources) {
        bySession.put(session, Set.copyOf(resources));
    }
}
