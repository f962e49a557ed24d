package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.swarm.Connection;

import java.util.Optional;

/// Where what a peer says comes from: the network of its connection, which costs more than peers.
final class Origins {
    /// Bytes of the network in an address: /16 and /32.
    private static final int OF_IP4 = 2;

    private static final int OF_IP6 = 4;

    private Origins() {}

    static String of(Host host, PeerId peer) {
        return host.connections(peer).stream()
                .findFirst()
                .map(Connection::remoteAddress)
                .flatMap(Origins::network)
                .orElse(peer.toString());
    }

    private static Optional<String> network(Multiaddr address) {
        return prefix(address, Protocol.IP4, OF_IP4)
                .or(() -> prefix(address, Protocol.IP6, OF_IP6));
    }

    private static Optional<String> prefix(Multiaddr address, Protocol protocol, int length) {
        return address.component(protocol)
                .map(Multiaddr.Component::value)
                .map(value -> prefix(value, length));
    }

    private static String prefix(Bytes value, int length) {
        return value.slice(0, length).toHex();
    }
}
