package org.tutti.libp2p.internal.swarm;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.libp2p.dns.Resolver;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.ManualClock;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/// The TXT records of whoever owns a name: one a line, the same for each name that is asked for.
/// Whatever they list, questions, addresses and depth stay within the bounds, and what is dialled
/// begins with no name.
public final class NamesFuzz {
    private static final PeerId PEER =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    private NamesFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        Records records = new Records(Arrays.asList(new String(input, UTF_8).split("\n", -1)));
        AddressResolver.Resolved resolved =
                new AddressResolver(records, new ManualClock())
                        .resolve(PEER, List.of(Multiaddr.parse("/dnsaddr/example.org")));
        require(records.asked <= AddressResolver.MAX_LOOKUPS, "too many questions");
        require(resolved.addresses().size() <= AddressResolver.MAX_ADDRESSES, "too many addresses");
        require(resolved.failures().size() <= AddressResolver.MAX_ADDRESSES, "too many failures");
        for (Multiaddr address : resolved.addresses()) {
            require(
                    address.isEmpty()
                            || !address.components().getFirst().protocol().name().startsWith("DNS"),
                    "a name is left");
        }
    }

    private static final class Records implements Resolver {
        private final List<String> texts;
        private int asked;

        Records(List<String> texts) {
            this.texts = texts;
        }

        @Override
        public List<Inet4Address> ip4(String name) {
            asked++;
            return List.of((Inet4Address) InetAddress.ofLiteral("192.0.2.1"));
        }

        @Override
        public List<Inet6Address> ip6(String name) {
            asked++;
            return List.of((Inet6Address) InetAddress.ofLiteral("2001:db8::1"));
        }

        @Override
        public List<String> txt(String name) {
            asked++;
            return texts;
        }
    }

    static List<byte[]> seeds() {
        return List.of(
                ("dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/" + PEER).getBytes(UTF_8),
                ("other\ndnsaddr=/dnsaddr/a.example.org/p2p/"
                                + PEER
                                + "\ndnsaddr=/dns/b.example.org/tcp/1/p2p/"
                                + PEER)
                        .getBytes(UTF_8),
                ("dnsaddr=/dns4/c.example.org/tcp/1/p2p/" + PEER + "\ndnsaddr=/dnsaddr/example.org")
                        .getBytes(UTF_8));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
