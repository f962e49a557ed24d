package org.tutti.signing.approval;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

import java.util.List;
import java.util.Map;

/// The holds of a node, for the owner of what is held. Threads: any.
public interface Holds {
    /// The most bytes of an outcome.
    int MAX_OUTCOME_BYTES = 64;

    /// Whether a session has reserved or committed this resource, so that a new operation should
    /// choose another one. Not where the operator allowed the conflict with each such session.
    boolean isHeld(Bytes resource);

    /// Frees the resources of a committed hold: what was signed is final, or can no longer happen.
    /// Its idempotency key stays taken for another 30 days. Returns before it is on disk; told by
    /// [HoldListener#settled] when it is.
    ///
    /// @param outcome what became of it, for whoever asks again with its key: kept as long as the
    ///   key is taken, across restarts. Signing understands nothing of it
    /// @throws IllegalArgumentException if the outcome is longer than [#MAX_OUTCOME_BYTES]
    void settle(SessionId session, Bytes outcome);

    /// The settled holds of this node's own requests with this idempotency key: several, if there
    /// were versions of one operation. Empty once the key is free again.
    List<SettledHold> settled(Bytes idempotencyKey);

    /// What the sessions hold that have not ended here, or will when they are approved: from the
    /// moment that a request is known, and of a session that goes on after a restart before its
    /// approval is given again. Waits for the event loop.
    ///
    /// @throws IllegalStateException if the service is closed
    /// @throws InterruptedException while it waits
    Map<SessionId, Hold> underWay() throws InterruptedException;

    /// The operator agrees that another operation may take a resource of this committed hold, and
    /// make it impossible in this way. Returns before it is so.
    void allowConflict(SessionId session);
}
