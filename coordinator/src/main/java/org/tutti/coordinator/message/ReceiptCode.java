package org.tutti.coordinator.message;

/// What a peer answers to the delivery of a request.
public enum ReceiptCode {
    /// It has the request, and decides, or has joined.
    TAKEN,
    /// It does not have the request: deliver it whole.
    UNKNOWN_REQUEST,
    /// None of the request's keys is its own.
    NOT_ASKED,
    /// It has no room, or is asked too often.
    BUSY,
    /// It is none, or its transaction is another.
    INVALID,
    /// It is over there: expired, withdrawn, refused or done.
    OVER,
    /// It was in the group that the proposal follows, and does not hold that one as formed.
    UNKNOWN_PREVIOUS
}
