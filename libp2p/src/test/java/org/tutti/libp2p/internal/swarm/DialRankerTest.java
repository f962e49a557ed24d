package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

class DialRankerTest {
    private static List<String> rank(String... addresses) {
        return DialRanker.rank(Stream.of(addresses).map(Multiaddr::parse).toList()).stream()
                .map(r -> TimeUnit.NANOSECONDS.toMillis(r.after()) + " " + r.address())
                .toList();
    }

    @Test
    void ip6ComesFirstAndTheFamiliesTakeTurnsInTheCallersOrder() {
        assertThat(
                        rank(
                                "/ip4/203.0.113.2/tcp/9",
                                "/ip4/203.0.113.1/tcp/1",
                                "/ip4/203.0.113.3/tcp/1",
                                "/ip6/2001:db8::1/tcp/1",
                                "/ip6/2001:db8::2/tcp/1"))
                .containsExactly(
                        "0 /ip6/2001:db8::1/tcp/1",
                        "250 /ip4/203.0.113.2/tcp/9",
                        "500 /ip6/2001:db8::2/tcp/1",
                        "750 /ip4/203.0.113.1/tcp/1",
                        "1000 /ip4/203.0.113.3/tcp/1");
    }

    @Test
    void privateAddressesAreDialledBesidePublicOnesAndCloserTogether() {
        assertThat(
                        rank(
                                "/ip4/203.0.113.1/tcp/1",
                                "/ip4/203.0.113.2/tcp/1",
                                "/ip4/127.0.0.1/tcp/1",
                                "/ip4/192.168.1.1/tcp/1",
                                "/ip4/10.1.1.1/tcp/1"))
                .containsExactly(
                        "0 /ip4/127.0.0.1/tcp/1",
                        "0 /ip4/203.0.113.1/tcp/1",
                        "30 /ip4/192.168.1.1/tcp/1",
                        "60 /ip4/10.1.1.1/tcp/1",
                        "250 /ip4/203.0.113.2/tcp/1");
    }

    @Test
    void whatIsPrivateIsKnownByItsNetwork() {
        for (String address :
                List.of(
                        "/ip4/100.64.0.1/tcp/1",
                        "/ip4/100.127.255.255/tcp/1",
                        "/ip4/169.254.3.4/tcp/1",
                        "/ip4/172.16.0.1/tcp/1",
                        "/ip4/172.31.255.1/tcp/1",
                        "/ip6/::1/tcp/1",
                        "/ip6/fd00::1/tcp/1",
                        "/ip6/fe80::1/tcp/1",
                        "/ip6zone/eth0/ip6/fe80::1/tcp/1")) {
            // Only private ones start together with a public one.
            assertThat(rank(address, "/ip4/203.0.113.1/tcp/1"))
                    .containsExactly("0 " + address, "0 /ip4/203.0.113.1/tcp/1");
        }
        for (String address :
                List.of(
                        "/ip4/100.128.0.1/tcp/1",
                        "/ip4/100.63.0.1/tcp/1",
                        "/ip4/172.32.0.1/tcp/1",
                        "/ip4/192.169.0.1/tcp/1",
                        "/memory/7")) {
            assertThat(rank(address, "/ip4/8.8.8.8/tcp/1").getLast()).startsWith("250 ");
        }
    }

    @Test
    void quicComesBeforeTcpAndRelaysWait() {
        String relayed =
                "/ip4/203.0.113.9/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC"
                        + "/p2p-circuit";
        assertThat(
                        rank(
                                relayed,
                                "/ip4/203.0.113.1/tcp/1",
                                "/ip4/203.0.113.1/udp/1/quic-v1/webtransport",
                                "/ip4/203.0.113.1/udp/1/quic-v1"))
                .containsExactly(
                        "0 /ip4/203.0.113.1/udp/1/quic-v1",
                        "250 /ip4/203.0.113.1/udp/1/quic-v1/webtransport",
                        "500 /ip4/203.0.113.1/tcp/1",
                        "500 " + relayed);
        assertThat(rank(relayed)).containsExactly("0 " + relayed);
    }
}
