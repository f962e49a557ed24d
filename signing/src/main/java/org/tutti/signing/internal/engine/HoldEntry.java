package org.tutti.signing.internal.engine;

import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SigningRequest;

/// What one session holds.
final class HoldEntry {
    enum State {
        /// Nothing: its attempt failed, or another session took the resources.
        FREE,
        /// Approved, and another session has the resources in its current attempt.
        WAITING,
        /// For the attempt, by this node's Ready.
        RESERVED,
        /// This node's partial signatures have left.
        COMMITTED
    }

    final SigningRequest request;
    final int requester;
    final Hold hold;
    State state = State.FREE;

    /// The session has not ended on this node.
    boolean live = true;

    /// It kept resources from another session.
    boolean won;

    /// The operator agreed that another operation may make this one impossible.
    boolean conflictAllowed;

    HoldEntry(SigningRequest request, int requester, Hold hold) {
        this.request = request;
        this.requester = requester;
        this.hold = hold;
    }

    /// Whether it does nothing but take the place of others.
    boolean cancels() {
        return hold.content().isEmpty();
    }

    boolean conflictsWith(HoldEntry other) {
        return !isSameOperation(other)
                && other.hold.resources().stream().anyMatch(hold.resources()::contains);
    }

    /// Signing the same messages twice does nothing new. So where each of two orders is to do
    /// something, they are not one operation though their messages are the same.
    private boolean isSameOperation(HoldEntry other) {
        boolean sameOrder =
                requester == other.requester
                        && request.idempotencyKey().equals(other.request.idempotencyKey());
        return request.messages().equals(other.request.messages())
                && (sameOrder || !(hold.distinct() || other.hold.distinct()));
    }
}
