package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

/// What counts as one remote host when connections are counted per host.
final class RemoteHost {
    /// The bytes of an IPv6 address that its provider assigns; the rest is free for its user to
    /// choose.
    private static final int IP6_NETWORK = 7;

    /// `::ffff:0:0/96`, the IPv6 form of IPv4 addresses (RFC 4291, 2.5.5.2).
    private static final String MAPPED_IP4 = "00000000000000000000ffff";

    private RemoteHost() {}

    /// The IPv4 address, or the /56 network of an IPv6 address, which is what a provider gives to
    /// one customer; of any other kind of address its first component. So also for loopback.
    static String of(Multiaddr address) {
        Component first = address.components().getFirst();
        if (first.protocol() != Protocol.IP6) {
            return first.toString();
        }
        String hex = first.value().toHex();
        return hex.startsWith(MAPPED_IP4) ? hex : hex.substring(0, 2 * IP6_NETWORK);
    }
}
