package org.tutti.libp2p.pubsub;

/// Whether messages carry their author's signature (libp2p/specs pubsub/README.md, "Signature
/// Policy Options"). All peers of a topic use the same.
public enum SignaturePolicy {
    /// `StrictSign`: "expect message `from`, `seqno`, `signature` … On the consumption side, MUST
    /// be present and verified".
    STRICT_SIGN,
    /// `StrictNoSign`: "the message `from`, `seqno`, `signature` and `key` fields … MUST be
    /// absent".
    STRICT_NO_SIGN,
    /// `LaxNoSign`, a "legacy" option of the spec: `from` and `seqno` and no signature, so that who
    /// wrote a message is anybody's word; a signature that is there has to be right. What FloodSub
    /// of rust speaks; not for anything new.
    LAX_NO_SIGN
}
