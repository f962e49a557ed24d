package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.util.concurrent.BlockingQueue;

@Timeout(60)
class DialOptionsTest {
    private static final Multiaddr NOBODY = Multiaddr.parse("/memory/7");

    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void onlyTheGivenAddressIsDialledThoughOthersAreKnown() throws Exception {
        Host alice = net.start(net.builder());
        Host bob = net.start(net.builder());
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        assertThatThrownBy(() -> alice.connect(bob.peerId(), DialOptions.defaults().only(NOBODY)))
                .isInstanceOfSatisfying(
                        DialFailedException.class,
                        e ->
                                assertThat(e.attempts())
                                        .extracting(DialFailedException.Attempt::address)
                                        .containsExactly(NOBODY));
        Connection connection = alice.connect(bob.peerId(), DialOptions.defaults());
        assertThat(alice.connect(bob.peerId(), DialOptions.defaults().only(NOBODY)))
                .isSameAs(connection);
    }

    @Test
    void aFurtherConnectionIsMadeThoughOneIsOpen() throws Exception {
        Host alice = net.start(net.builder());
        Host bob = net.start(net.builder());
        Connection first = alice.connect(MemoryHosts.addressOf(bob));
        Connection second = alice.connect(bob.peerId(), DialOptions.defaults().furtherConnection());
        assertThat(second).isNotSameAs(first);
        assertThat(alice.connections(bob.peerId())).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void withoutADialOnlyAnOpenConnectionWillDo() throws Exception {
        Host alice = net.start(net.builder());
        Host bob = net.start(net.builder().handler("/talk/1", Stream::close));
        BlockingQueue<HostEvent> seenByBob = MemoryHosts.events(bob);
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        DialOptions noDial = DialOptions.defaults().noDial();
        assertThatThrownBy(() -> alice.newStream(bob.peerId(), noDial, "/talk/1"))
                .isInstanceOfSatisfying(
                        NotConnectedException.class,
                        e -> assertThat(e.code()).isEqualTo("NOT_CONNECTED"));
        assertThat(seenByBob).isEmpty();
        Connection connection = alice.connect(bob.peerId());
        assertThat(alice.connect(bob.peerId(), noDial)).isSameAs(connection);
        alice.newStream(bob.peerId(), noDial, "/talk/1").close();
        MemoryHosts.next(seenByBob, SwarmEvent.ConnectionOpened.class);
    }

    @Test
    void aFurtherConnectionWithoutADialIsAContradiction() {
        assertThatThrownBy(() -> DialOptions.defaults().noDial().furtherConnection())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> DialOptions.defaults().furtherConnection().noDial())
                .isInstanceOf(IllegalStateException.class);
    }
}
