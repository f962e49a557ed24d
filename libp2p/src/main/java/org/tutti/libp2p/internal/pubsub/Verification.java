package org.tutti.libp2p.internal.pubsub;

/// What the check of a message's fields and signature says.
public enum Verification {
    GOOD,
    /// The fields are not those that the policy wants, or the content is too long: whoever sent it
    /// is set up otherwise, or faulty.
    WRONG_FIELDS,
    /// It has all fields, and the signature is not its author's: no honest program forwards it.
    FORGED
}
