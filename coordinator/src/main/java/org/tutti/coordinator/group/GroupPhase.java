package org.tutti.coordinator.group;

/// How far a group is on this node.
public enum GroupPhase {
    /// This node has not decided.
    PROPOSED,
    /// This node has consented; others have not.
    CONSENTED,
    /// All have consented; not all have signed the descriptor.
    SEALING,
    /// This node holds all signatures, and has said so; not all others have.
    HELD,
    /// All members hold all signatures: the group is there, and has an address.
    FORMED,
    /// The group is there without this node, which was in the one that it follows.
    LEFT,
    /// It will never be formed.
    FAILED
}
