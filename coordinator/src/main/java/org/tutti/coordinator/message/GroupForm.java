package org.tutti.coordinator.message;

/// What a group's keys become on the chain.
public enum GroupForm {
    /// `tr(musig(xpubs)/<0;1>/*)`: as many addresses as it wants.
    EXTENDED,
    /// `tr(musig(keys))`: one address, for ever.
    FIXED
}
