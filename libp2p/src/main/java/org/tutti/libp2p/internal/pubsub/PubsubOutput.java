package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;

/// What an engine of publish/subscribe wants done, in this order.
public sealed interface PubsubOutput {
    /// Which RPCs go first where a peer takes less than we have for it, and which are dropped.
    enum Priority {
        /// Subscriptions, and what keeps the mesh: before all else, and never dropped alone.
        CONTROL,
        /// A message that this host publishes: whoever publishes waits for room.
        PUBLISHED,
        /// Messages of others: the first to be dropped.
        FORWARDED,
        /// Gossip: dropped where there is no room for it.
        GOSSIP
    }

    /// An RPC to a peer whose stream is open.
    record Send(PeerId peer, Rpc rpc, Priority priority) implements PubsubOutput {}

    /// Check the policy and the signature, then call `PubsubEngine.verified`.
    record Verify(PeerId from, Bytes id, Message message) implements PubsubOutput {}

    /// Ask the topic's validators, then call `PubsubEngine.validated`.
    record Validate(PeerId from, Bytes id, Message message) implements PubsubOutput {}

    /// Give the message to the topic's subscriptions.
    record Deliver(PeerId from, Bytes id, Message message) implements PubsubOutput {}

    /// A peer did what no honest one does: for the score that all protocols share.
    ///
    /// @param code names what it did, such as `INVALID_MESSAGE`
    record Penalize(PeerId peer, String code, double points) implements PubsubOutput {}

    /// Connect to a peer: an explicit one, or one that was named in a peer exchange.
    ///
    /// @param signedRecord where it is reached, sealed by itself; not verified yet
    record Connect(PeerId peer, @Nullable Bytes signedRecord) implements PubsubOutput {}

    /// A peer subscribed to a topic or ended its subscription, and stays connected.
    record PeerTopic(PeerId peer, String topic, boolean subscribed) implements PubsubOutput {}

    /// A peer is in the mesh of a topic now, or no longer: its connections are worth more, or less.
    record Mesh(PeerId peer, String topic, boolean joined) implements PubsubOutput {}
}
