package org.tutti.libp2p.pubsub;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.HostEvent;

/// What publish/subscribe tells the subscribers to a host's events.
public sealed interface PubsubEvent extends HostEvent {
    /// A peer is subscribed to a topic.
    record PeerSubscribed(PeerId peer, String topic) implements PubsubEvent {}

    /// A peer that stays connected is subscribed no longer.
    record PeerUnsubscribed(PeerId peer, String topic) implements PubsubEvent {}
}
