package org.tutti.libp2p.kad;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.HostEvent;

/// What happened in the DHT.
public sealed interface KadEvent extends HostEvent {
    /// A peer answered, and came into the routing table.
    record PeerAdded(PeerId peer) implements KadEvent {}

    /// A peer left the routing table: it no longer answers.
    record PeerRemoved(PeerId peer) implements KadEvent {}

    /// A peer broke the protocol; its score is the worse for it.
    ///
    /// @param code such as `KAD_INVALID_VALUE`
    record PeerMisbehaved(PeerId peer, String code) implements KadEvent {}
}
