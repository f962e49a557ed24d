package org.tutti.libp2p.pubsub;

import org.tutti.base.Bytes;

/// What became of a message that was published.
///
/// @param id the message's
/// @param sent to how many peers it is on its way
/// @param dropped for how many peers there was no room, because they take nothing
public record PublishResult(Bytes id, int sent, int dropped) {}
