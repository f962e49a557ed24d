package org.tutti.coordinator.event;

/// How a request reached this node.
public enum Channel {
    /// Over a stream, from the requester or another who has it.
    DIRECT,
    /// By gossip.
    GOSSIP,
    /// From an inbox that was found through the DHT, after this node had been away.
    INBOX
}
