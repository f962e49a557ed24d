package org.tutti.libp2p.internal.swarm;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;

import java.util.List;

/// What kind of network an IP address belongs to (RFC 6890, IANA's registries of special-purpose
/// addresses).
public final class IpScope {
    /// `address/bits`, as bytes.
    private record Range(Bytes network, int bits) {
        static Range of(int bits, int... network) {
            byte[] bytes = new byte[network.length];
            for (int i = 0; i < network.length; i++) {
                bytes[i] = (byte) network[i];
            }
            return new Range(Bytes.wrap(bytes), bits);
        }

        boolean contains(Bytes address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % 8;
                if (((address.get(bit / 8) ^ network.get(bit / 8)) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /// IPv4 addresses that nobody reaches over the internet.
    private static final List<Range> NOT_PUBLIC_IP4 =
            List.of(
                    Range.of(8, 0),
                    Range.of(8, 10),
                    // Shared address space of providers that translate addresses (RFC 6598).
                    Range.of(10, 100, 64),
                    Range.of(8, 127),
                    Range.of(16, 169, 254),
                    Range.of(12, 172, 16),
                    Range.of(24, 192, 0, 0),
                    // Documentation.
                    Range.of(24, 192, 0, 2),
                    Range.of(24, 192, 88, 99),
                    Range.of(16, 192, 168),
                    Range.of(15, 198, 18),
                    Range.of(24, 198, 51, 100),
                    Range.of(24, 203, 0, 113),
                    // Multicast and what is reserved.
                    Range.of(3, 224));

    /// What IANA has given out of IPv6 for the internet. The addresses of NAT64 (`64:ff9b::/96`)
    /// are not in it: they mean something to one peer's network alone.
    private static final Range GLOBAL_IP6 = Range.of(3, 0x20);

    private static final Range DOCUMENTATION_IP6 = Range.of(32, 0x20, 0x01, 0x0d, 0xb8);

    private IpScope() {}

    /// Whether the address begins with an IP address that is reached over the internet.
    public static boolean isPublic(Multiaddr address) {
        Component host = address.components().getFirst();
        return switch (host.protocol()) {
            case IP4 -> NOT_PUBLIC_IP4.stream().noneMatch(r -> r.contains(host.value()));
            case IP6 ->
                    GLOBAL_IP6.contains(host.value()) && !DOCUMENTATION_IP6.contains(host.value());
            default -> false;
        };
    }

    /// The network that one operator as a rule has all of: the /24 of an IPv4 address, the /56 of
    /// an IPv6 address; of any other kind of address its first component.
    static String network(Multiaddr address) {
        Component host = address.components().getFirst();
        return switch (host.protocol()) {
            case IP4 -> host.value().toHex().substring(0, 6);
            case IP6 -> host.value().toHex().substring(0, 14);
            default -> host.toString();
        };
    }
}
