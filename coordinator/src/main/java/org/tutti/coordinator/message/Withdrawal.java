package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// The requester takes its request back.
///
/// @param reason one sentence for people, at most [Refusal#MAX_REASON] characters
public record Withdrawal(Header header, String reason, Bytes envelope) implements Statement {}
