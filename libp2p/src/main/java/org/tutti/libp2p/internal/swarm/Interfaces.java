package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/// Turns "all interfaces" (`/ip4/0.0.0.0`, `/ip6/::`) into the addresses at which we can be
/// dialled.
final class Interfaces {
    private Interfaces() {}

    /// Whether the address stands for all interfaces.
    static boolean isWildcard(Multiaddr address) {
        Component host = address.components().getFirst();
        if (host.protocol() != Protocol.IP4 && host.protocol() != Protocol.IP6) {
            return false;
        }
        for (int i = 0; i < host.value().length(); i++) {
            if (host.value().get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /// The address itself, or one for each address of this machine's interfaces if it stands for
    /// all of them.
    static List<Multiaddr> expand(Multiaddr address, List<InetAddress> interfaces) {
        if (!isWildcard(address)) {
            return List.of(address);
        }
        boolean ip4 = address.components().getFirst().protocol() == Protocol.IP4;
        List<Multiaddr> expanded =
                interfaces.stream()
                        .filter(a -> ip4 ? a instanceof Inet4Address : isPlain(a))
                        .map(a -> replaceHost(address, (ip4 ? "/ip4/" : "/ip6/") + text(a)))
                        .distinct()
                        .toList();
        return expanded.isEmpty() ? List.of(address) : expanded;
    }

    /// Link-local addresses mean nothing without a zone, which a multiaddr of ours does not carry.
    private static boolean isPlain(InetAddress address) {
        return address instanceof Inet6Address && !address.isLinkLocalAddress();
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static Multiaddr replaceHost(Multiaddr address, String host) {
        Multiaddr replaced = Multiaddr.parse(host);
        for (Component component : address.components().subList(1, address.components().size())) {
            replaced = replaced.encapsulate(Multiaddr.of(component));
        }
        return replaced;
    }
}
