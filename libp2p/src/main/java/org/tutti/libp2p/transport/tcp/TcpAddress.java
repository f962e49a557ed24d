package org.tutti.libp2p.transport.tcp;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// `/<host>/tcp/<port>` taken apart.
///
/// @param kind how the host is given: one of `ip4`, `ip6`, `dns4`, `dns6`, `dns`
/// @param host an address literal, or a name still to be resolved
/// @param port 0 to 65535
record TcpAddress(Protocol kind, String host, int port) {
    private static final String MAPPED_IP4 = "00000000000000000000ffff";

    /// Nothing if the address is of another shape. A `/p2p` at its end is ignored.
    static Optional<TcpAddress> of(Multiaddr address) {
        List<Component> parts = address.withoutPeerId().components();
        if (parts.size() != 2 || parts.get(1).protocol() != Protocol.TCP) {
            return Optional.empty();
        }
        Protocol kind = parts.getFirst().protocol();
        return switch (kind) {
            case IP4, IP6, DNS4, DNS6, DNS ->
                    Optional.of(
                            new TcpAddress(
                                    kind,
                                    parts.getFirst().text(),
                                    Integer.parseInt(parts.get(1).text())));
            // Every other protocol needs another transport.
            default -> Optional.empty();
        };
    }

    /// The IPv4 address that an address begins with in IPv6 form (`::ffff:0:0/96`, RFC 4291,
    /// 2.5.5.2). No packet has it: the operating system would use IPv4, behind the back of whoever
    /// allows or counts addresses.
    static Optional<String> ip4InIp6Form(Multiaddr address) {
        Component host = address.components().getFirst();
        if (host.protocol() != Protocol.IP6 || !host.value().toHex().startsWith(MAPPED_IP4)) {
            return Optional.empty();
        }
        Bytes ip4 = host.value().slice(12, 16);
        return Optional.of(new Component(Protocol.IP4, ip4).text());
    }

    boolean isName() {
        return kind == Protocol.DNS || kind == Protocol.DNS4 || kind == Protocol.DNS6;
    }

    /// Whether a resolved address is of the family that this one asks for.
    boolean accepts(InetAddress resolved) {
        return switch (kind) {
            case DNS4, IP4 -> resolved instanceof Inet4Address;
            case DNS6, IP6 -> resolved instanceof Inet6Address;
            default -> true;
        };
    }

    /// The multiaddr of a bound socket's end, without scope ids; null has no address.
    static Multiaddr multiaddr(@Nullable InetSocketAddress socket) {
        if (socket == null) {
            throw new IllegalArgumentException("socket is not bound");
        }
        InetAddress host = socket.getAddress();
        String text = host.getHostAddress();
        int scope = text.indexOf('%');
        return Multiaddr.parse(
                (host instanceof Inet4Address ? "/ip4/" : "/ip6/")
                        + (scope < 0 ? text : text.substring(0, scope))
                        + "/tcp/"
                        + socket.getPort());
    }
}
