/// Requests that wait for a signer who is away: encrypted to its inbox key (HPKE, RFC 9180), kept
/// by whoever has them, and found through the DHT (docs/protocol.md, "Inbox").
@NullMarked
package org.tutti.coordinator.inbox;

import org.jspecify.annotations.NullMarked;
