package org.tutti.libp2p.identify;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.HostEvent;

/// A peer told about itself, on a new connection or later by a push.
public record Identified(PeerId peer, PeerInfo info) implements HostEvent {}
