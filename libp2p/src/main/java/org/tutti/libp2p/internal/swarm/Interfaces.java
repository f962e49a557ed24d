package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/// Turns "all interfaces" (`/ip4/0.0.0.0`, `/ip6/::`) into the addresses at which we can be
/// dialled.
final class Interfaces {
    private Interfaces() {}

    /// The address itself, or one for each address of this machine's interfaces if it names none.
    static List<Multiaddr> expand(Multiaddr address) {
        Component host = address.components().getFirst();
        boolean ip4 = host.protocol() == Protocol.IP4;
        boolean ip6 = host.protocol() == Protocol.IP6;
        if (!(ip4 || ip6) || !isZero(host)) {
            return List.of(address);
        }
        List<Multiaddr> expanded =
                addresses()
                        .filter(a -> ip4 ? a instanceof Inet4Address : isPlain(a))
                        .map(a -> replaceHost(address, (ip4 ? "/ip4/" : "/ip6/") + text(a)))
                        .toList();
        return expanded.isEmpty() ? List.of(address) : expanded;
    }

    private static boolean isZero(Component host) {
        for (int i = 0; i < host.value().length(); i++) {
            if (host.value().get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Stream<InetAddress> addresses() {
        try {
            return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses);
        } catch (SocketException e) {
            return Stream.empty();
        }
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
