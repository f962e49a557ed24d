package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

/// What counts as one remote host when connections are counted per host.
final class RemoteHost {
    /// The bytes of an IPv6 address that its provider assigns; the rest is free for its user to
    /// choose.
    private static final int IP6_NETWORK = 8;

    private RemoteHost() {}

    /// The IPv4 address, or the /64 network of an IPv6 address; of any other kind of address its
    /// first component.
    static String of(Multiaddr address) {
        Component first = address.components().getFirst();
        return first.protocol() == Protocol.IP6
                ? first.value().slice(0, IP6_NETWORK).toHex()
                : first.toString();
    }
}
