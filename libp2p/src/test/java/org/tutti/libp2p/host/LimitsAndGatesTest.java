package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionClosed;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionOpened;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(60)
class LimitsAndGatesTest {
    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void connectionsAreBoundedInAll() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxConnections(2)
                                                .maxConnectionsPerPeer(2)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        for (int i = 0; i < 2; i++) {
            net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
            MemoryHosts.next(seen, ConnectionOpened.class);
        }
        Host carol = net.start(net.builder());
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(carol)))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.limit()).isEqualTo("maxConnections"));
        // Somebody else: carol may still hold alice's attempt for open.
        net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
        // It takes the place of the oldest, whichever of the two is told first.
        Set<Class<?>> told = new HashSet<>();
        while (!told.containsAll(List.of(ConnectionOpened.class, ConnectionClosed.class))) {
            told.add(MemoryHosts.next(seen, HostEvent.class).getClass());
        }
        assertThat(alice.connectedPeers()).hasSize(2);
    }

    @Test
    void connectionsOfOnePeerAreBounded() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxConnections(10)
                                                .maxConnectionsPerPeer(2)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        PrivateKey mallory = MemoryHosts.key();
        List<ScriptedPeer> connections = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ScriptedPeer connection =
                    ScriptedPeer.connect(net.transport(), MemoryHosts.addressOf(alice), mallory);
            connections.add(connection);
            if (i < 2) {
                // Alice's question who mallory is: the connection carries a stream.
                assertThat(connection.acceptStream().isInbound()).isTrue();
            }
        }
        assertThat(MemoryHosts.next(seen, InboundRefused.class).detail())
                .contains("maxConnectionsPerPeer");
        assertThat(alice.connections(mallory.publicKey().peerId())).hasSize(2);
        connections.forEach(ScriptedPeer::close);
    }

    @Test
    void aPeerThatConnectsAgainReplacesItsOldestConnectionWithoutStreams() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxConnections(10)
                                                .maxConnectionsPerPeer(2)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        PrivateKey bob = MemoryHosts.key();
        List<ScriptedPeer> connections = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ScriptedPeer connection =
                    ScriptedPeer.connect(net.transport(), MemoryHosts.addressOf(alice), bob);
            connections.add(connection);
            // Alice's question who bob is.
            connection.acceptStream().reset();
            // What alice answers after that shows that she knows of the reset.
            MuxedStream ping = connection.openStream(Ping.PROTOCOL);
            ping.closeWrite();
            assertThat(ping.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
        Multiaddr oldest = MemoryHosts.next(seen, ConnectionOpened.class).remoteAddress();
        connections.add(ScriptedPeer.connect(net.transport(), MemoryHosts.addressOf(alice), bob));
        assertThat(MemoryHosts.next(seen, ConnectionClosed.class).remoteAddress())
                .isEqualTo(oldest);
        // Alice's question on the newest shows that she has taken it in.
        assertThat(connections.getLast().acceptStream().isInbound()).isTrue();
        assertThat(alice.connections(bob.publicKey().peerId())).hasSize(2);
        connections.forEach(ScriptedPeer::close);
    }

    @Test
    void streamsOfOneConnectionAreBoundedOnBothSides() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        ResourceLimits four =
                ResourceLimits.builder()
                        .maxStreamsPerConnection(4)
                        .maxInboundStreamsPerProtocol(100)
                        .build();
        Host alice = net.start(net.builder().limits(four));
        Host bob = net.start(net.builder().handler("/wait/1", s -> await(end)));
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        alice.awaitIdentified(connection, java.time.Duration.ofSeconds(20));
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 5; i++) {
                                Stream stream = connection.openStream("/wait/1");
                                stream.write(new byte[1], 0, 1);
                            }
                        })
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.limit()).isEqualTo("maxStreamsPerConnection"));
        end.countDown();
    }

    @Test
    void aPeerThatOpensTooManyStreamsHasThemReset() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxStreamsPerConnection(8)
                                                .maxInboundStreamsPerProtocol(100)
                                                .build()));
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            List<MuxedStream> streams = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                MuxedStream stream = mallory.openStream();
                stream.write(new byte[] {0x13}, 0, 1);
                streams.add(stream);
            }
            assertThatThrownBy(() -> streams.getLast().read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class);
        }
    }

    @Test
    void streamsOfOnePeerForOneProtocolAreBounded() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Semaphore running = new Semaphore(0);
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxStreamsPerConnection(100)
                                                .maxInboundStreamsPerProtocol(3)
                                                .build())
                                .handler(
                                        "/wait/1",
                                        s -> {
                                            running.release();
                                            await(end);
                                        }));
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            byte[] proposal =
                    "\u0013/multistream/1.0.0\n\u0008/wait/1\n"
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (int i = 0; i < 3; i++) {
                mallory.openStream().write(proposal, 0, proposal.length);
            }
            assertThat(running.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
            MuxedStream fourth = mallory.openStream();
            fourth.write(proposal, 0, proposal.length);
            assertThatThrownBy(() -> fourth.read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class);
            assertThat(running.availablePermits()).isZero();
            end.countDown();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        }
    }

    @Test
    void aForbiddenPeerIsNotDialled() throws Exception {
        Host alice = net.start(net.builder().gater(ConnectionGater.peers(p -> false)));
        Host bob = net.start(net.builder());
        BlockingQueue<HostEvent> seenByBob = MemoryHosts.events(bob);
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(bob)))
                .isInstanceOfSatisfying(
                        GatedException.class, e -> assertThat(e.code()).isEqualTo("GATED"));
        assertThat(seenByBob).isEmpty();
    }

    @Test
    void aForbiddenAddressIsClosedBeforeItIsRead() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .gater(
                                        new ConnectionGater() {
                                            @Override
                                            public boolean allowAccept(Multiaddr remote) {
                                                return false;
                                            }
                                        }));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        assertThatThrownBy(() -> bob.connect(MemoryHosts.addressOf(alice)))
                .isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("GATED");
    }

    @Test
    void aGaterThatFailsKeepsOutWhomItCouldNotJudgeAndNobodyElse() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Host alice =
                net.start(
                        net.builder()
                                .gater(
                                        new ConnectionGater() {
                                            @Override
                                            public boolean allowAccept(Multiaddr remote) {
                                                if (asked.incrementAndGet() == 1) {
                                                    throw new IllegalStateException("on purpose");
                                                }
                                                return true;
                                            }
                                        }));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        assertThatThrownBy(() -> bob.connect(MemoryHosts.addressOf(alice)))
                .isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("DEFECT");
        assertThat(bob.connect(MemoryHosts.addressOf(alice)).isOpen()).isTrue();
    }

    @Test
    void aForbiddenPeerIsClosedAfterTheHandshakeInBothDirections() throws Exception {
        Set<PeerId> allowed = ConcurrentHashMap.newKeySet();
        ConnectionGater secured =
                new ConnectionGater() {
                    @Override
                    public boolean allowSecured(PeerId peer, Multiaddr remote, boolean outbound) {
                        return allowed.contains(peer);
                    }
                };
        Host alice = net.start(net.builder().gater(secured));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(bob)))
                .isInstanceOf(GatedException.class);
        try (ScriptedPeer _ =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("GATED");
        }
        assertThat(alice.connectedPeers()).isEmpty();
        allowed.add(bob.peerId());
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void whoIsNoLongerAllowedIsDisconnected() throws Exception {
        Set<PeerId> allowed = ConcurrentHashMap.newKeySet();
        Host alice = net.start(net.builder().gater(ConnectionGater.peers(allowed::contains)));
        Host bob = net.start(net.builder());
        Host carol = net.start(net.builder());
        allowed.add(bob.peerId());
        allowed.add(carol.peerId());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        alice.connect(MemoryHosts.addressOf(bob));
        alice.connect(MemoryHosts.addressOf(carol));
        allowed.remove(bob.peerId());
        assertThat(alice.closeIfNoLongerAllowed()).isEqualTo(1);
        assertThat(MemoryHosts.next(seen, ConnectionClosed.class).peer()).isEqualTo(bob.peerId());
        assertThat(alice.connectedPeers()).containsExactly(carol.peerId());
    }

    @Test
    void dialsAtOnceAreBounded() throws Exception {
        Host alice = net.start(net.builder().limits(ResourceLimits.builder().maxDials(1).build()));
        Host carol = net.start(net.builder());
        try (RawListener silent = net.transport().listen(Multiaddr.parse("/memory/0"))) {
            Multiaddr address =
                    silent.addresses()
                            .getFirst()
                            .withPeerId(MemoryHosts.key().publicKey().peerId());
            Thread hanging =
                    Thread.startVirtualThread(() -> {
                        try {
                            alice.connect(address);
                        } catch (IOException e) {
                            // Interrupted below.
                        }
                    });
            // It has come as far as the listener: the dial is under way.
            RawConnection dialled = silent.accept();
            assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(carol)))
                    .isInstanceOfSatisfying(
                            LimitExceededException.class,
                            e -> assertThat(e.limit()).isEqualTo("maxDials"));
            dialled.close();
            hanging.join();
        }
        assertThat(alice.connect(MemoryHosts.addressOf(carol)).isOpen()).isTrue();
    }

    @Test
    void addressesOfOneDialAreBounded() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(ResourceLimits.builder().maxAddressesPerDial(2).build()));
        PeerId nobody = MemoryHosts.key().publicKey().peerId();
        List<Multiaddr> addresses =
                java.util.stream.Stream.of("/memory/901", "/memory/902", "/memory/903")
                        .map(Multiaddr::parse)
                        .toList();
        assertThatThrownBy(() -> alice.connect(nobody, addresses))
                .isInstanceOfSatisfying(
                        DialFailedException.class,
                        e ->
                                assertThat(e.attempts())
                                        .extracting(DialFailedException.Attempt::address)
                                        .containsExactlyElementsOf(addresses.subList(0, 2)));
    }

    @Test
    void pingAndIdentifyStreamsOfOnePeerAreBounded() throws Exception {
        Host alice = net.start(net.builder());
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            List<MuxedStream> open = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                open.add(mallory.openStream(Ping.PROTOCOL));
            }
            assertThatThrownBy(() -> mallory.openStream(Ping.PROTOCOL))
                    .isInstanceOf(StreamResetException.class);
            open.forEach(MuxedStream::reset);
        }
        assertThat(new Ping(new SecureRandom()).protocols())
                .extracting(InboundProtocol::maxStreamsPerPeer)
                .containsExactly(2);
    }

    @Test
    void aBehaviourThatFailsCostsTheConnectionAndNothingElse() throws Exception {
        PeerId mallory = MemoryHosts.key().publicKey().peerId();
        AtomicReference<PeerId> hated = new AtomicReference<>(mallory);
        Host alice =
                net.start(
                        net.builder()
                                .behaviour(
                                        new NetworkBehaviour() {
                                            @Override
                                            public List<InboundProtocol> protocols() {
                                                return List.of();
                                            }

                                            @Override
                                            public void connectionOpened(Connection connection) {
                                                if (connection.remotePeer().equals(hated.get())) {
                                                    throw new IllegalStateException(
                                                            "cannot bear it");
                                                }
                                            }
                                        }));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        hated.set(bob.peerId());
        BlockingQueue<HostEvent> seenByBob = MemoryHosts.events(bob);
        bob.connect(MemoryHosts.addressOf(alice));
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("DEFECT");
        MemoryHosts.next(seenByBob, SwarmEvent.ConnectionClosed.class);
        assertThat(alice.connections(bob.peerId())).isEmpty();
        assertThat(alice.connectedPeers()).isEmpty();
        Host carol = net.start(net.builder());
        assertThat(carol.connect(MemoryHosts.addressOf(alice)).isOpen()).isTrue();
        assertThat(carol.ping(alice.peerId())).isPositive();
    }

    @Test
    void aSubscriberThatHangsDoesNotHoldUpTheSwarm() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxPendingEvents(2)
                                                .maxStoredPeers(100)
                                                .build()));
        CountDownLatch release = new CountDownLatch(1);
        List<SwarmEvent> got = new java.util.concurrent.CopyOnWriteArrayList<>();
        var _ =
                alice.subscribe(e -> {
                    try {
                        release.await();
                    } catch (InterruptedException x) {
                        Thread.currentThread().interrupt();
                    }
                    got.add(e);
                });
        for (int i = 0; i < 4; i++) {
            Host bob = net.start(net.builder());
            Connection connection = alice.connect(MemoryHosts.addressOf(bob));
            alice.awaitIdentified(connection, java.time.Duration.ofSeconds(20));
            assertThat(alice.ping(bob.peerId())).isPositive();
        }
        release.countDown();
        alice.close();
        assertThat(got).filteredOn(SwarmEvent.EventsDropped.class::isInstance).isNotEmpty();
    }
}
