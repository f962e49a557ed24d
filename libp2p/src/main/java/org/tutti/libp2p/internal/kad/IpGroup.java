package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;

/// The network that one operator as a rule has all of, as a number: the /16 of an IPv4 address, the
/// /32 of an IPv6 address (go's peer diversity filter takes the /16 and, for IPv6, the autonomous
/// system, of which a /32 is the usual size); of any other address its first component.
final class IpGroup {
    /// Of a peer without an address.
    static final int NONE = 0;

    private IpGroup() {}

    static int of(Multiaddr address) {
        if (address.isEmpty()) {
            return NONE;
        }
        Component host = address.components().getFirst();
        Bytes value = host.value();
        return switch (host.protocol()) {
            case IP4 -> 0x0400_0000 | (value.get(0) & 0xff) << 8 | (value.get(1) & 0xff);
            case IP6 -> value.slice(0, 4).hashCode() ^ 0x0600_0000;
            default -> host.hashCode();
        };
    }
}
