package org.tutti.coordinator.event;

/// How far a signer is with a request.
public enum SignerState {
    /// There is no connection to it, or nobody knows through which peer it speaks.
    UNREACHABLE,
    /// Connected; it has not said that it has the request.
    CONNECTED,
    /// It has the request, and has not decided.
    AWAITING_APPROVAL,
    /// It has joined.
    JOINED,
    /// It has joined, and its message of the session's phase did not come in time.
    LATE,
    /// It has refused.
    REFUSED,
    /// Its part is done.
    DONE
}
