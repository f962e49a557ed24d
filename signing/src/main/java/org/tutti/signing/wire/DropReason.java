package org.tutti.signing.wire;

/// Why a message was dropped (SAFETY 8: anything that does not fit is dropped and counted).
public enum DropReason {
    /// Larger than a frame may be.
    OVERSIZE,
    /// Not an envelope, or its signature is wrong.
    BAD_ENVELOPE,
    /// The author is no member of the group.
    UNKNOWN_SIGNER,
    /// The payload does not decode, or breaks a limit.
    MALFORMED,
    /// A protocol version that this node does not speak.
    WRONG_VERSION,
    /// The signer index is not the author's.
    WRONG_INDEX,
    /// No such session here and no room to keep the message until its request comes.
    UNKNOWN_SESSION,
    /// Of an attempt that is over.
    STALE_ATTEMPT,
    /// Of an attempt that cannot have begun.
    FUTURE_ATTEMPT,
    /// The same message again.
    DUPLICATE,
    /// For a session that is over.
    SESSION_OVER,
    /// The session cannot use such a message now.
    OUT_OF_PHASE,
    /// A request for another group or epoch.
    WRONG_GROUP,
    /// A request that is expired, or whose times make no sense.
    EXPIRED,
    /// More live sessions than this node or this requester may have.
    TOO_MANY_SESSIONS,
    /// Asked for again too often.
    TOO_MANY_ANSWERS,
    /// A claim of a finished session whose signatures do not verify.
    BAD_FINAL,
    /// This node's journal failed: it signs no more.
    JOURNAL_FAILED
}
