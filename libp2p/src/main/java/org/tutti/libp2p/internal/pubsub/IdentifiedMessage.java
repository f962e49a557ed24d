package org.tutti.libp2p.internal.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.pubsub.Message;

/// A message with its id.
public record IdentifiedMessage(Bytes id, Message message) {}
