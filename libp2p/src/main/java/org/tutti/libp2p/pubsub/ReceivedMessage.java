package org.tutti.libp2p.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

/// A message as it reaches a subscription.
///
/// @param id what makes it the same as others
/// @param via the peer that sent it to us, which is often not its author
public record ReceivedMessage(Bytes id, Message message, PeerId via) {}
