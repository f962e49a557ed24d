package org.tutti.libp2p.kad;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;

/// A peer that others spoke of.
///
/// @param addresses where they said that it is reached, without `/p2p`
public record KadPeer(PeerId peer, List<Multiaddr> addresses) {
    public KadPeer {
        addresses = List.copyOf(addresses);
    }
}
