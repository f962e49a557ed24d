package org.tutti.signing.session;

/// Why this node gives a session up. The names travel in Abort messages.
public enum AbortCode {
    /// Someone did not say that it is ready in time; the culprits are the silent ones as seen from
    /// here.
    NO_ANSWER,
    /// The last allowed attempt failed; the culprits are its holdouts as seen from here.
    ATTEMPTS_EXHAUSTED,
    /// The request's expiry came; the culprits are those who were waited for.
    EXPIRED,
    /// Two different signed messages for one slot; proven.
    EQUIVOCATION,
    /// A partial signature that does not verify; proven.
    BAD_PARTIAL,
    /// A nonce or partial signature that is not a point or scalar, or too few of them; proven.
    BAD_CONTRIBUTION,
    /// A view that is not what its author said it is; proven.
    BAD_VIEW,
    /// A signing key that does not vouch for its peer id.
    BAD_VOUCH,
    /// A signer's journal has fewer entries than it once said, or others.
    JOURNAL_WENT_BACK,
    /// This node's journal cannot be written.
    JOURNAL_FAILED,
    /// The node stops.
    SHUTTING_DOWN,
    /// A check failed that cannot fail.
    INTERNAL
}
