package org.tutti.libp2p.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;

/// Where this host can be reached is no longer what it was: it listens somewhere else, an interface
/// came or went, or an external address was announced, confirmed or taken away.
///
/// @param listen where it listens, without `/p2p`: each interface of a listener on all of them
/// @param external announced by the operator, set by a protocol, or confirmed by several peers
public record AddressesChanged(List<Multiaddr> listen, List<Multiaddr> external)
        implements HostEvent {
    public AddressesChanged {
        listen = List.copyOf(listen);
        external = List.copyOf(external);
    }
}
