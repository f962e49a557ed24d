package org.tutti.coordinator.event;

/// How far a request is on this node.
public enum RequestPhase {
    /// Its transaction has not arrived.
    FETCHING,
    /// The policy looks at it.
    JUDGING,
    /// A person decides.
    AWAITING_APPROVAL,
    /// This node has joined; others have not.
    JOINED,
    /// All have joined.
    READY,
    /// A session is under way.
    SIGNING,
    /// All signatures are here.
    SIGNED,
    /// No session is made of it any more, but this node's partial signatures have left: it may
    /// still be signed.
    MAY_BE_SIGNED
}
