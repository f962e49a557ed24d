package org.tutti.signing.session;

/// What a node sends in an attempt only when its user says so, in a session that was approved step
/// by step ([org.tutti.signing.approval.Decision.Approved#stepwise]).
public enum Step {
    /// The public nonces: all signers are ready.
    NONCES,
    /// The partial signatures: all public nonces are here.
    PARTIALS
}
