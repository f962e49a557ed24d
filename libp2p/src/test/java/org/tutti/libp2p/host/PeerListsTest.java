package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;

@Timeout(60)
class PeerListsTest {
    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void aPeerThatIsTakenFromTheListIsDisconnectedAndComesBackWhenItIsOnItAgain() throws Exception {
        PeerLists lists = PeerLists.only(List.of());
        Host alice = net.start(net.builder().gater(lists));
        Host bob = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(bob)))
                .isInstanceOf(GatedException.class);
        lists.allow(bob.peerId());
        bob.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        lists.disallow(bob.peerId());
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class).peer())
                .isEqualTo(bob.peerId());
        lists.allow(bob.peerId());
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void whoIsBlockedIsDisconnectedAndOthersStay() throws Exception {
        PeerLists lists = PeerLists.everybody();
        Host alice = net.start(net.builder().gater(lists));
        Host bob = net.start(net.builder());
        Host carol = net.start(net.builder());
        alice.connect(MemoryHosts.addressOf(bob));
        alice.connect(MemoryHosts.addressOf(carol));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        lists.block(bob.peerId());
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class).peer())
                .isEqualTo(bob.peerId());
        assertThat(alice.ping(carol.peerId())).isPositive();
    }

    @Test
    void refusalsAreCountedByReason() throws Exception {
        Host alice = net.start(net.builder().gater(PeerLists.only(List.of())));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        for (int i = 0; i < 3; i++) {
            try (ScriptedPeer _ =
                    ScriptedPeer.connect(
                            net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
                assertThat(MemoryHosts.next(seen, SwarmEvent.InboundRefused.class).code())
                        .isEqualTo("GATED");
            }
        }
        assertThat(alice.refusals()).containsEntry("GATED", 3L);
    }

    @Test
    void aStreamIsRefusedWhereThePeerMayNotUseItsProtocol() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .gater(
                                        new ConnectionGater() {
                                            @Override
                                            public boolean allowStream(
                                                    PeerId peer, String protocol) {
                                                return !protocol.equals(Ping.PROTOCOL);
                                            }
                                        }));
        Host bob = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Connection connection = bob.connect(MemoryHosts.addressOf(alice));
        assertThatThrownBy(() -> bob.ping(alice.peerId())).isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(seen, StreamRefused.class))
                .isEqualTo(new StreamRefused(bob.peerId(), Ping.PROTOCOL, "GATED", "c1"));
        // Identify is another protocol.
        assertThat(bob.awaitIdentified(connection, java.time.Duration.ofSeconds(20)).peer())
                .isEqualTo(alice.peerId());
    }

    @Test
    void aLimitThatResetsAStreamSaysSo() throws Exception {
        Host alice = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        Connection connection = bob.connect(MemoryHosts.addressOf(alice));
        try (var first = bob.openPing(connection);
                var second = bob.openPing(connection);
                var third = bob.openPing(connection)) {
            first.ping();
            second.ping();
            assertThatThrownBy(third::ping).isInstanceOf(StreamResetException.class);
        }
        assertThat(MemoryHosts.next(seen, StreamRefused.class))
                .isEqualTo(
                        new StreamRefused(bob.peerId(), Ping.PROTOCOL, "maxStreamsPerPeer", "c1"));
        assertThat(alice.refusals()).containsEntry("maxStreamsPerPeer", 1L);
    }

    @Test
    void aboveTheHighWaterMarkConnectionsAreTrimmedToTheLowOneByTheirValue() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .water(2, 4)
                                                .trimGrace(Duration.ZERO)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        Host carol = net.start(net.builder());
        alice.tag(bob.peerId(), "friend", 5);
        alice.tag(bob.peerId(), "other", 5);
        alice.untag(bob.peerId(), "other");
        alice.protect(carol.peerId(), "member");
        bob.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        carol.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        for (int i = 0; i < 3; i++) {
            assertThat(alice.connectedPeers()).hasSize(2 + i);
            net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
            MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        }
        for (int i = 0; i < 3; i++) {
            MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class);
        }
        assertThat(alice.connectedPeers()).containsExactlyInAnyOrder(bob.peerId(), carol.peerId());
    }

    @Test
    void aProtectedPeerIsNotClosedToMakeRoom() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxConnections(2)
                                                .maxConnectionsPerPeer(2)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        alice.protect(bob.peerId(), "member");
        bob.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        for (int i = 0; i < 4; i++) {
            net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
            MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        }
        assertThat(alice.isConnected(bob.peerId())).isTrue();
        assertThat(alice.unprotect(bob.peerId(), "member")).isFalse();
    }
}
