package org.tutti.node.api;

/// This node has accepted a member's new journal, and tells it what may be signed or was.
///
/// @param peerId of the member
/// @param journal id of its new journal, 32 hex digits
public record RecoveryAccepted(String peerId, String journal) {}
