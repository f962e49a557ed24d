package org.tutti.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

@Timeout(60)
class MdnsBehaviourTest {
    private final MemoryMdnsLink link = new MemoryMdnsLink();

    private Host host(int seed, BlockingQueue<MdnsEvent> events) throws IOException {
        Host host =
                Host.builder()
                        .identity(MemoryHosts.key())
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(new MdnsBehaviour(link.connect("127.0.0.1"), new Random(seed)))
                        .build();
        var _ = host.subscribe(MdnsEvent.class, events::add);
        host.start();
        return host;
    }

    @Test
    void whoeverIsDiscoveredCanBeDialledByItsPeerIdAlone() throws Exception {
        BlockingQueue<MdnsEvent> seenByAlice = new LinkedBlockingQueue<>();
        BlockingQueue<MdnsEvent> seenByBob = new LinkedBlockingQueue<>();
        try (Host alice = host(1, seenByAlice)) {
            try (Host bob = host(2, seenByBob)) {
                assertThat(seenByAlice.take())
                        .isInstanceOfSatisfying(
                                MdnsEvent.Discovered.class,
                                found -> assertThat(found.peer()).isEqualTo(bob.peerId()));
                assertThat(seenByBob.take())
                        .isInstanceOfSatisfying(
                                MdnsEvent.Discovered.class,
                                found -> assertThat(found.peer()).isEqualTo(alice.peerId()));
                assertThat(bob.connect(alice.peerId()).remotePeer()).isEqualTo(alice.peerId());
            }
            assertThat(seenByAlice.take()).isInstanceOf(MdnsEvent.Expired.class);
        }
    }

    @Test
    void aMachineWithoutMulticastIsSaidToBeOne() throws Exception {
        BlockingQueue<MdnsEvent> seen = new LinkedBlockingQueue<>();
        MdnsLink broken =
                new MdnsLink() {
                    @Override
                    public void open(Receiver receiver) throws IOException {
                        throw new IOException("no interface can multicast");
                    }

                    @Override
                    public void refresh() {}

                    @Override
                    public void send(byte[] packet) {}

                    @Override
                    public void close() {}
                };
        try (Host alice =
                Host.builder()
                        .identity(MemoryHosts.key())
                        .behaviour(new MdnsBehaviour(broken, new Random(1)))
                        .build()) {
            var _ = alice.subscribe(MdnsEvent.class, seen::add);
            alice.start();
            assertThat(seen.take())
                    .isEqualTo(new MdnsEvent.Unavailable("no interface can multicast"));
        }
    }
}
