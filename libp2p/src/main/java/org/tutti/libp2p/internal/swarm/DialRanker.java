package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// In which order the addresses of a peer are dialled, and how far apart.
///
/// As in go (p2p/net/swarm/dial_ranker.go), private and public addresses are dialled side by side,
/// because nobody knows whether a private address is of this network; addresses through a relay
/// wait until direct ones had their chance. Within each of the three, QUIC comes before TCP, the
/// two IP families take turns with IPv6 first (RFC 8305 section 4), and the caller's order decides
/// the rest. Unlike go, which dials all but the first two at once, each waits for the one before
/// (RFC 8305 section 5): a peer that claims many addresses costs no burst of sockets.
final class DialRanker {
    /// RFC 8305 section 5, "Connection Attempt Delay": "a recommended value for a default delay is
    /// 250 milliseconds".
    static final long PUBLIC_DELAY = TimeUnit.MILLISECONDS.toNanos(250);

    /// What answers within a local network answers soon.
    static final long PRIVATE_DELAY = TimeUnit.MILLISECONDS.toNanos(30);

    /// What direct addresses are ahead of relayed ones.
    static final long RELAY_DELAY = TimeUnit.MILLISECONDS.toNanos(500);

    /// An address and when it is dialled.
    ///
    /// @param after nanoseconds since the dial began
    record Ranked(Multiaddr address, long after) {}

    private enum Group {
        PRIVATE(PRIVATE_DELAY),
        PUBLIC(PUBLIC_DELAY),
        RELAYED(PUBLIC_DELAY);

        private final long delay;

        Group(long delay) {
            this.delay = delay;
        }

        static Group of(Multiaddr address) {
            if (has(address, Protocol.P2P_CIRCUIT)) {
                return RELAYED;
            }
            return isPrivate(address) ? PRIVATE : PUBLIC;
        }
    }

    /// Best first.
    private enum Kind {
        QUIC,
        WEBTRANSPORT,
        TCP,
        OTHER;

        static Kind of(Multiaddr address) {
            if (has(address, Protocol.WEBTRANSPORT)) {
                return WEBTRANSPORT;
            }
            if (has(address, Protocol.QUIC_V1) || has(address, Protocol.QUIC)) {
                return QUIC;
            }
            return has(address, Protocol.TCP) ? TCP : OTHER;
        }
    }

    private DialRanker() {}

    /// @param addresses names resolved, the caller's best first
    /// @return by `after`
    static List<Ranked> rank(List<Multiaddr> addresses) {
        List<Ranked> ranked = new ArrayList<>();
        for (Group group : Group.values()) {
            long after = group == Group.RELAYED && !ranked.isEmpty() ? RELAY_DELAY : 0;
            for (Multiaddr address : ordered(addresses, group)) {
                ranked.add(new Ranked(address, after));
                after += group.delay;
            }
        }
        ranked.sort(Comparator.comparingLong(Ranked::after));
        return ranked;
    }

    private static List<Multiaddr> ordered(List<Multiaddr> addresses, Group group) {
        List<Multiaddr> ordered = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            List<Multiaddr> alike =
                    addresses.stream()
                            .filter(a -> Group.of(a) == group && Kind.of(a) == kind)
                            .toList();
            List<Multiaddr> ip6 = alike.stream().filter(DialRanker::isIp6).toList();
            List<Multiaddr> others = alike.stream().filter(a -> !isIp6(a)).toList();
            for (int i = 0; i < Math.max(ip6.size(), others.size()); i++) {
                if (i < ip6.size()) {
                    ordered.add(ip6.get(i));
                }
                if (i < others.size()) {
                    ordered.add(others.get(i));
                }
            }
        }
        return ordered;
    }

    private static boolean has(Multiaddr address, Protocol protocol) {
        return address.components().stream().anyMatch(c -> c.protocol() == protocol);
    }

    private static boolean isIp6(Multiaddr address) {
        return !address.isEmpty() && address.components().getFirst().protocol() == Protocol.IP6;
    }

    /// Loopback, link-local, and what RFC 1918, RFC 6598 and RFC 4193 set aside.
    private static boolean isPrivate(Multiaddr address) {
        if (address.isEmpty()) {
            return false;
        }
        Component host = address.components().getFirst();
        return switch (host.protocol()) {
            case IP4 -> isPrivateIp4(at(host, 0), at(host, 1));
            case IP6 ->
                    isLoopbackIp6(host)
                            || (at(host, 0) & 0xfe) == 0xfc
                            || (at(host, 0) == 0xfe && (at(host, 1) & 0xc0) == 0x80);
            // A zone stands before a link-local address.
            case IP6ZONE -> true;
            default -> false;
        };
    }

    private static boolean isPrivateIp4(int first, int second) {
        return first == 10
                || first == 127
                || (first == 100 && (second & 0xc0) == 64)
                || (first == 169 && second == 254)
                || (first == 172 && (second & 0xf0) == 16)
                || (first == 192 && second == 168);
    }

    private static boolean isLoopbackIp6(Component host) {
        for (int i = 0; i < 15; i++) {
            if (at(host, i) != 0) {
                return false;
            }
        }
        return at(host, 15) == 1;
    }

    private static int at(Component host, int index) {
        return host.value().get(index) & 0xff;
    }
}
