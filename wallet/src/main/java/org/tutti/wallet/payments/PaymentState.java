package org.tutti.wallet.payments;

/// How far a payment has come on this node.
public enum PaymentState {
    /// This node is ready to sign it; nothing of its signature has left.
    PROPOSED,
    /// This node's partial signatures left: others may complete it from now on.
    SIGNING,
    /// The session is over here, but the partial signatures are out: it may still be signed.
    UNKNOWN,
    /// All signatures are here.
    SIGNED,
    /// A Bitcoin peer asked for it and got it, or has it.
    SENT,
    /// A Bitcoin peer has it that did not get it from this node: it was relayed.
    SEEN,
    /// It is in a block of the best chain.
    CONFIRMED,
    /// A block of the best chain spends one of its coins otherwise: it cannot be mined there.
    CONFLICTED,
    /// Another version of the same payment is final: this one will never be mined.
    REPLACED,
    /// The script interpreter refuses it.
    FAILED,
    /// The session ended, and no partial signature of this node's left: it cannot be signed.
    GIVEN_UP;

    /// Whether the session may still go on.
    public boolean isRunning() {
        return switch (this) {
            case PROPOSED, SIGNING -> true;
            case UNKNOWN, SIGNED, SENT, SEEN, CONFIRMED, CONFLICTED, REPLACED, FAILED, GIVEN_UP ->
                    false;
        };
    }
}
