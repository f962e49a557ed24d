package org.tutti.signing.approval;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

/// The holds of a node, for the owner of what is held. Threads: any.
public interface Holds {
    /// Whether a session has reserved or committed this resource, so that a new operation should
    /// choose another one. Not where the operator allowed the conflict with each such session.
    boolean isHeld(Bytes resource);

    /// Frees the resources of a committed hold: what was signed is final, or can no longer happen.
    /// Its idempotency key stays taken for another 30 days. Returns before it is on disk; told by
    /// [HoldListener#settled] when it is.
    void settle(SessionId session);

    /// The operator agrees that another operation may take a resource of this committed hold, and
    /// make it impossible in this way. Returns before it is so.
    void allowConflict(SessionId session);
}
