package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class OwnAddressesTest {
    private final OwnAddresses<String> own = new OwnAddresses<>();

    static List<InetAddress> interfaces(String... literals) {
        return Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
    }

    static List<Multiaddr> addresses(String... texts) {
        return Stream.of(texts).map(Multiaddr::parse).toList();
    }

    @Test
    void aListenerOnAllInterfacesStandsForEachOfThem() {
        List<InetAddress> all = interfaces("127.0.0.1", "10.0.0.7", "::1", "fd00::7", "fe80::7");
        assertThat(own.listening(addresses("/ip4/0.0.0.0/tcp/4001"), all))
                .isEqualTo(addresses("/ip4/127.0.0.1/tcp/4001", "/ip4/10.0.0.7/tcp/4001"));
        assertThat(own.listening(addresses("/ip6/::/tcp/4002/ws"), all))
                .as("link-local addresses need a zone")
                .isEqualTo(addresses("/ip6/::1/tcp/4002/ws", "/ip6/fd00::7/tcp/4002/ws"));
        assertThat(own.known().listen()).hasSize(4);
        assertThat(own.followsInterfaces()).isTrue();
    }

    @Test
    void aListenerOnOneAddressDoesNotFollowTheInterfaces() {
        own.listening(addresses("/ip4/10.0.0.7/tcp/4001", "/memory/7"), interfaces("127.0.0.1"));
        assertThat(own.known().listen())
                .isEqualTo(addresses("/ip4/10.0.0.7/tcp/4001", "/memory/7"));
        assertThat(own.followsInterfaces()).isFalse();
        assertThat(own.interfaces(interfaces("10.9.9.9"))).isFalse();
    }

    @Test
    void anInterfaceThatComesOrGoesChangesTheAddresses() {
        own.listening(addresses("/ip4/0.0.0.0/tcp/1"), interfaces("127.0.0.1"));
        assertThat(own.interfaces(interfaces("127.0.0.1"))).isFalse();
        assertThat(own.interfaces(interfaces("127.0.0.1", "fd00::1")))
                .as("of the other family")
                .isFalse();
        assertThat(own.interfaces(interfaces("127.0.0.1", "10.0.0.7"))).isTrue();
        assertThat(own.known().listen())
                .isEqualTo(addresses("/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.7/tcp/1"));
        assertThat(own.interfaces(interfaces("127.0.0.1"))).isTrue();
        assertThat(own.known().listen()).isEqualTo(addresses("/ip4/127.0.0.1/tcp/1"));
    }

    @Test
    void announcedAddressesComeBeforeConfirmedOnesAndNoneTwice() {
        own.listening(addresses("/ip4/10.0.0.7/tcp/1"), List.of());
        for (int network = 1; network <= 4; network++) {
            own.observed(
                    "c" + network,
                    Multiaddr.parse("/ip4/10.0.0.7/tcp/1"),
                    Multiaddr.parse("/ip4/8.8." + network + ".1/tcp/5"),
                    Multiaddr.parse("/ip4/5.5.5.5/tcp/1"));
        }
        assertThat(own.known().external()).isEmpty();
        assertThat(own.applyObserved()).isTrue();
        assertThat(own.applyObserved()).isFalse();
        assertThat(own.known().external()).isEqualTo(addresses("/ip4/5.5.5.5/tcp/1"));
        assertThat(own.announce(Multiaddr.parse("/dns4/example.com/tcp/1"))).isTrue();
        assertThat(own.announce(Multiaddr.parse("/ip4/10.0.0.7/tcp/1")))
                .as("we listen there")
                .isFalse();
        assertThat(own.announce(Multiaddr.parse("/ip4/5.5.5.5/tcp/1")))
                .as("now announced, in its order")
                .isFalse();
        assertThat(own.known().external())
                .isEqualTo(addresses("/dns4/example.com/tcp/1", "/ip4/5.5.5.5/tcp/1"));
        assertThat(own.withdraw(Multiaddr.parse("/dns4/example.com/tcp/1"))).isTrue();
        assertThat(own.withdraw(Multiaddr.parse("/dns4/example.com/tcp/1"))).isFalse();
        own.close();
        assertThat(own.known().listen()).isEmpty();
    }

    @Test
    void announcedAddressesAreBounded() {
        for (int i = 0; i < 100; i++) {
            own.announce(Multiaddr.parse("/ip4/5.5.5.5/tcp/" + (i + 1)));
        }
        assertThat(own.known().external()).hasSize(ExternalAddresses.MAX);
    }
}
