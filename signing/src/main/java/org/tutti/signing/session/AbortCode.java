package org.tutti.signing.session;

/// Why this node aborts a session. The names are sent in Abort messages.
public enum AbortCode {
    /// Not every signer was ready in time; the culprits are those from whom this node heard
    /// nothing.
    NO_ANSWER,
    /// The last allowed attempt failed; the culprits are its holdouts as seen by this node.
    ATTEMPTS_EXHAUSTED,
    /// The request expired; the culprits are the signers whose messages were missing.
    EXPIRED,
    /// Two different signed messages for one slot; proven.
    EQUIVOCATION,
    /// A partial signature that does not verify; proven.
    BAD_PARTIAL,
    /// A nonce that is not a point, a partial signature that is not a scalar, or a wrong number of
    /// either; proven.
    BAD_CONTRIBUTION,
    /// A nonce set that is not the one its author signed for; proven.
    BAD_VIEW,
    /// Two processes with one identity took part: a copy of a node, or one whose clock was set
    /// back.
    TWO_PROCESSES,
    /// A signer takes the group's terms, such as its address, to be others.
    TERMS_DIFFER,
    /// A signer's journal was lost, and it signs nothing with its new one yet.
    RECOVERING,
    /// The signing key does not attest the peer id.
    BAD_VOUCH,
    /// This node's journal went back: another member has shown a head that it no longer has.
    JOURNAL_WENT_BACK,
    /// This node's journal cannot be written.
    JOURNAL_FAILED,
    /// The node stops.
    SHUTTING_DOWN,
    /// The node takes no part in the group any more.
    GROUP_DROPPED,
    /// An internal error of this node.
    INTERNAL
}
