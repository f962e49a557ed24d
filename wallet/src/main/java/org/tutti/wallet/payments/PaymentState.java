package org.tutti.wallet.payments;

/// How far a payment has come on this node.
public enum PaymentState {
    /// All signatures are here; or it was found in a block, and not looked at yet.
    SIGNED,
    /// The script interpreter accepts it.
    CHECKED,
    /// It is in a block of the best chain.
    CONFIRMED,
    /// The script interpreter refuses it.
    FAILED
}
