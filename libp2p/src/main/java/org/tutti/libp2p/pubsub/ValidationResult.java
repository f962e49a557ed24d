package org.tutti.libp2p.pubsub;

/// What becomes of a message (libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md, "Extended
/// Validators").
public enum ValidationResult {
    /// It is delivered, and forwarded to others.
    ACCEPT,
    /// Neither delivered nor forwarded, and whoever forwarded it is penalized: for what no honest
    /// peer lets through, such as content that is wrong for every peer at every time.
    REJECT,
    /// Neither delivered nor forwarded, and nobody is penalized: what is expired, older than what
    /// we know, too frequent, or what we have no opinion of.
    IGNORE
}
