package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.dns.LoopbackDns;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.GatedException;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Dialling addresses that begin with names, over TCP, with a name server on loopback.
@Timeout(60)
class NamedAddressTest {
    private static Host bob() throws IOException {
        Host bob =
                Host.builder()
                        .identity(MemoryHosts.key())
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build();
        bob.start();
        return bob;
    }

    private static Multiaddr named(String name, Host host) {
        return Multiaddr.parse(
                name
                        + "/tcp/"
                        + host.addresses().getFirst().component(Protocol.TCP).orElseThrow().text()
                        + "/p2p/"
                        + host.peerId());
    }

    @Test
    void aPeerIsReachedByItsName() throws Exception {
        try (LoopbackDns dns = new LoopbackDns();
                Host bob = bob();
                Host alice =
                        Host.builder()
                                .identity(MemoryHosts.key())
                                .resolver(dns.resolver())
                                .build()) {
            alice.start();
            dns.ip4("bob.example", "127.0.0.1")
                    .txt("_dnsaddr.peers.example", "dnsaddr=" + named("/dns4/bob.example", bob));
            for (Multiaddr address :
                    List.of(
                            named("/dns4/bob.example", bob),
                            named("/dns/bob.example", bob),
                            Multiaddr.parse("/dnsaddr/peers.example/p2p/" + bob.peerId()))) {
                assertThat(alice.connect(address).remotePeer()).isEqualTo(bob.peerId());
                assertThat(alice.connect(address).remoteAddress().has(Protocol.IP4)).isTrue();
                alice.disconnect(bob.peerId());
            }
            // A connection that is open needs no name.
            alice.connect(named("/dns4/bob.example", bob));
            int asked = dns.asked().size();
            alice.connect(named("/dns4/bob.example", bob));
            assertThat(dns.asked()).hasSize(asked);
        }
    }

    @Test
    void aNameThatStandsForNothingIsNamedInTheFailure() throws Exception {
        try (LoopbackDns dns = new LoopbackDns();
                Host bob = bob();
                Host alice =
                        Host.builder()
                                .identity(MemoryHosts.key())
                                .resolver(dns.resolver())
                                .build()) {
            alice.start();
            assertThatThrownBy(() -> alice.connect(named("/dns4/nobody.example", bob)))
                    .isInstanceOf(DialFailedException.class)
                    .hasMessageContaining("nobody.example");
        }
    }

    @Test
    void theGaterJudgesWhatANameStandsFor() throws Exception {
        List<Multiaddr> judged = new CopyOnWriteArrayList<>();
        ConnectionGater gater =
                new ConnectionGater() {
                    @Override
                    public boolean allowDial(PeerId peer, Multiaddr address) {
                        judged.add(address);
                        return false;
                    }
                };
        try (LoopbackDns dns = new LoopbackDns();
                Host bob = bob();
                Host alice =
                        Host.builder()
                                .identity(MemoryHosts.key())
                                .gater(gater)
                                .resolver(dns.resolver())
                                .build()) {
            alice.start();
            dns.ip4("bob.example", "127.0.0.1");
            assertThatThrownBy(() -> alice.connect(named("/dns4/bob.example", bob)))
                    .isInstanceOf(GatedException.class);
            assertThat(judged).containsExactly(bob.addresses().getFirst().withoutPeerId());
        }
    }
}
