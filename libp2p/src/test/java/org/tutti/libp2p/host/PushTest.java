package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;

/// Connected peers are told of what changes.
@Timeout(60)
class PushTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration QUIET = Duration.ofMillis(250);

    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void changesThatFollowQuicklyArriveInOnePush() throws Exception {
        ManualClock clock = new ManualClock();
        Host alice = net.start(net.builder().timer(clock));
        Host bob = net.start(net.builder());
        BlockingQueue<HostEvent> seenByBob = MemoryHosts.events(bob);
        alice.awaitIdentified(alice.connect(MemoryHosts.addressOf(bob)), SOON);
        MemoryHosts.next(seenByBob, Identified.class);

        Multiaddr external = Multiaddr.parse("/ip4/5.6.7.8/tcp/4001");
        alice.handle("/one/1", Stream::close);
        alice.handle("/two/1", Stream::close);
        alice.addExternalAddress(external);
        clock.advance(QUIET);
        PeerInfo pushed = MemoryHosts.next(seenByBob, Identified.class).info();
        assertThat(pushed.protocols()).contains("/one/1", "/two/1");
        assertThat(pushed.listenAddresses()).contains(external);
        assertThat(pushed.certifiedAddresses()).isTrue();

        alice.unhandle("/one/1");
        clock.advance(QUIET);
        PeerInfo second = MemoryHosts.next(seenByBob, Identified.class).info();
        assertThat(second.protocols()).contains("/two/1").doesNotContain("/one/1");
        assertThat(bob.identified(alice.peerId())).contains(second);
    }
}
