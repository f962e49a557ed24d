package org.tutti.signing.session;

/// Why a message was dropped (SAFETY 8: anything that does not fit is dropped and counted).
public enum DropReason {
    /// Larger than a frame may be.
    OVERSIZE,
    /// Not an envelope, or its signature is wrong.
    BAD_ENVELOPE,
    /// The author is not a member of the group.
    UNKNOWN_SIGNER,
    /// The payload does not decode, or breaks a limit.
    MALFORMED,
    /// A protocol version that this node does not support.
    WRONG_VERSION,
    /// The signer index is not the author's.
    WRONG_INDEX,
    /// For a session that is not known here, and not kept until its request arrives.
    UNKNOWN_SESSION,
    /// For an attempt that has ended.
    STALE_ATTEMPT,
    /// For an attempt that this node has not reached.
    FUTURE_ATTEMPT,
    /// The same message again.
    DUPLICATE,
    /// Another message for a slot that is taken, of another process with the same identity: a copy
    /// of the node, or one that was started again.
    OTHER_PROCESS,
    /// For a session that has ended.
    SESSION_OVER,
    /// The session cannot use such a message now.
    OUT_OF_PHASE,
    /// A request for another group or epoch.
    WRONG_GROUP,
    /// A request that has expired, or whose times are out of bounds.
    EXPIRED,
    /// More live sessions than this node or this requester may have.
    TOO_MANY_SESSIONS,
    /// More answers or requests than one member may have.
    TOO_MANY_ANSWERS,
    /// A hello whose terms are not signed with the author's signing key.
    BAD_TERMS,
    /// A consent to a new journal that is not this node's, or that the signing key did not sign.
    BAD_CONSENT,
    /// A session handed over without a proof that this node took part in it, or too many keys.
    BAD_HAND_OVER,
    /// With the head of a journal that was replaced by another.
    REPLACED_JOURNAL,
    /// This node's journal was lost, and it signs nothing with its new one yet.
    RECOVERING,
    /// Signatures of a finished session that do not verify.
    BAD_FINAL,
    /// Partial signatures of an attempt that is over, and that do not verify.
    BAD_LATE_PARTIALS,
    /// Passed on by a member, or to be passed on, in a group whose messages go another way.
    NOT_THE_RELAY,
    /// Of a process that has not answered a challenge of this node: where a relay may repeat what a
    /// process of the past has said.
    UNKNOWN_PROCESS,
    /// This node has stopped signing: its journal failed, or it is shutting down.
    JOURNAL_FAILED
}
