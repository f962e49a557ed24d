package org.tutti.libp2p.mdns;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;

import java.util.List;

/// What was seen on the local network. Nothing of it is proven: anyone there can claim to be
/// anyone, and only a connection shows who it is.
public sealed interface MdnsEvent extends HostEvent {
    /// A peer that was not known, or that has addresses that were not.
    ///
    /// @param addresses all that are known of it, without `/p2p`
    record Discovered(PeerId peer, List<Multiaddr> addresses) implements MdnsEvent {
        public Discovered {
            addresses = List.copyOf(addresses);
        }
    }

    /// A peer said that it leaves, or has said nothing for as long as it had promised to be there.
    record Expired(PeerId peer) implements MdnsEvent {}

    /// This machine does not take part, for this reason; told by [MdnsBehaviour] alone.
    record Unavailable(String reason) implements MdnsEvent {}
}
