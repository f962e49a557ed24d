package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.identify.Identify;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WrongPeerException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a host does whatever its transport. Subclasses say which.
@Timeout(60)
abstract class HostContract {
    static final Duration SOON = Duration.ofSeconds(20);

    private final List<Host> hosts = new ArrayList<>();

    /// A transport; all of one test reach one another.
    abstract RawTransport transport();

    /// An address to listen on, at a port that is free.
    abstract Multiaddr anyAddress();

    /// An address at which nobody listens.
    abstract Multiaddr nobody();

    HostBuilder builder() {
        return Host.builder()
                .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                .transport(transport())
                .listen(anyAddress());
    }

    Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        hosts.add(host);
        host.start();
        return host;
    }

    static Multiaddr addressOf(Host host) {
        return host.addresses().getFirst();
    }

    static BlockingQueue<HostEvent> events(Host host) {
        BlockingQueue<HostEvent> queue = new LinkedBlockingQueue<>();
        AutoCloseable unused = host.subscribe(HostEvent.class, queue::add);
        assertThat(unused).isNotNull();
        return queue;
    }

    static <T extends HostEvent> T next(BlockingQueue<HostEvent> events, Class<T> type)
            throws InterruptedException {
        while (true) {
            HostEvent event = events.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(event).as("waiting for " + type.getSimpleName()).isNotNull();
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
    }

    @AfterEach
    void everyHostEndsWithoutLeavingThreads() {
        hosts.forEach(Host::close);
        assertThat(hosts).allSatisfy(h -> assertThat(h.runningThreads()).isZero());
    }

    @Test
    void aliceConnectsToBobAndPings() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        Connection connection = alice.connect(addressOf(bob));
        assertThat(connection.remotePeer()).isEqualTo(bob.peerId());
        assertThat(connection.remoteKey()).isEqualTo(bob.publicKey());
        assertThat(connection.isOutbound()).isTrue();
        assertThat(alice.ping(bob.peerId())).isPositive();
        assertThat(bob.ping(alice.peerId())).isPositive();
        assertThat(alice.connectedPeers()).containsExactly(bob.peerId());
        assertThat(bob.connectedPeers()).containsExactly(alice.peerId());
    }

    @ParameterizedTest
    @EnumSource
    void identitiesOfEveryKindConnect(KeyType type) throws Exception {
        Host alice = start(builder().identity(Keys.generate(type, new SecureRandom())));
        Host bob = start(builder());
        assertThat(alice.connect(addressOf(bob)).remotePeer()).isEqualTo(bob.peerId());
        assertThat(alice.ping(bob.peerId())).isPositive();
        assertThat(bob.ping(alice.peerId())).isPositive();
    }

    @Test
    void manyPingsTravelOnOneStream() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        try (PingStream pings = alice.openPing(alice.connect(addressOf(bob)))) {
            for (int i = 0; i < 20; i++) {
                assertThat(pings.ping()).isPositive();
            }
        }
    }

    @Test
    void bothSidesIdentifyEachOther() throws Exception {
        Host alice = start(builder().agentVersion("alice/1"));
        Host bob = start(builder().agentVersion("bob/2").handler("/talk/1", Stream::close));
        BlockingQueue<HostEvent> seenByBob = events(bob);
        Connection connection = alice.connect(addressOf(bob));
        PeerInfo info = alice.awaitIdentified(connection, SOON);
        assertThat(info.peer()).isEqualTo(bob.peerId());
        assertThat(info.agentVersion()).isEqualTo("bob/2");
        assertThat(info.protocolVersion()).isEqualTo("ipfs/0.1.0");
        assertThat(info.protocols())
                .containsExactlyInAnyOrder(
                        Identify.PROTOCOL, Identify.PUSH_PROTOCOL, Ping.PROTOCOL, "/talk/1");
        assertThat(info.certifiedAddresses()).isTrue();
        assertThat(info.listenAddresses()).containsExactly(addressOf(bob).withoutPeerId());
        assertThat(info.observedAddress()).contains(connection.localAddress());
        assertThat(next(seenByBob, Identified.class).info().agentVersion()).isEqualTo("alice/1");
    }

    @Test
    void newProtocolsArePushedToConnectedPeers() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        BlockingQueue<HostEvent> seenByAlice = events(alice);
        alice.connect(addressOf(bob));
        next(seenByAlice, Identified.class);
        // Bob pushes only to peers who said that they take pushes.
        while (bob.identified(alice.peerId()).isEmpty()) {
            Thread.onSpinWait();
        }
        bob.handle("/new/1", Stream::close);
        PeerInfo pushed = next(seenByAlice, Identified.class).info();
        assertThat(pushed.protocols()).contains("/new/1");
        assertThat(alice.identified(bob.peerId())).contains(pushed);
    }

    @Test
    void aStreamCarriesBytesBothWaysAndEnds() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder().handler("/echo/1", HostContract::echo));
        alice.connect(addressOf(bob));
        byte[] message = new byte[3_000_000];
        new java.util.Random(7).nextBytes(message);
        try (Stream stream = alice.newStream(bob.peerId(), "/echo/1")) {
            assertThat(stream.protocol()).isEqualTo("/echo/1");
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        try {
                            stream.write(message, 0, message.length);
                            stream.closeWrite();
                        } catch (IOException e) {
                            stream.reset();
                        }
                    });
            byte[] back = new byte[message.length];
            Frames.readFully(stream, back, 0, back.length);
            assertThat(back).isEqualTo(message);
            assertThat(stream.read(back, 0, 1)).isEqualTo(-1);
            writer.join();
        }
    }

    private static void echo(Stream stream) throws IOException {
        byte[] buffer = new byte[10_000];
        for (int n = stream.read(buffer, 0, buffer.length);
                n >= 0;
                n = stream.read(buffer, 0, buffer.length)) {
            stream.write(buffer, 0, n);
        }
    }

    @Test
    void aOneWayStreamArrivesThoughItsDialerNeverReads() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Host alice = start(builder());
        Host bob =
                start(
                        builder()
                                .handler(
                                        "/tell/1",
                                        s ->
                                                heard.add(
                                                        new String(
                                                                Frames.read(s, 100),
                                                                StandardCharsets.UTF_8))));
        Connection connection = alice.connect(addressOf(bob));
        alice.awaitIdentified(connection, SOON);
        // Known from identify, so negotiated along with the first bytes.
        try (Stream stream = connection.openStream("/tell/1")) {
            Frames.write(stream, "hello".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(heard.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("hello");
    }

    @Test
    void theFirstProtocolThatTheRemoteSupportsIsTaken() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder().handler("/b/1", HostContract::echo));
        alice.connect(addressOf(bob));
        try (Stream stream = alice.newStream(bob.peerId(), "/a/1", "/b/1")) {
            assertThat(stream.protocol()).isEqualTo("/b/1");
            Frames.write(stream, new byte[] {1, 2, 3});
            assertThat(Frames.read(stream, 3)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anUnknownProtocolIsRefusedAndTheConnectionLives() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        alice.connect(addressOf(bob));
        assertThatThrownBy(() -> alice.newStream(bob.peerId(), "/none/1"))
                .isInstanceOfSatisfying(
                        ProtocolNotSupportedException.class,
                        e -> assertThat(e.proposed()).containsExactly("/none/1"));
        Stream lazy = alice.connect(addressOf(bob)).openStreamLazily("/none/1");
        lazy.write(new byte[] {1}, 0, 1);
        assertThatThrownBy(() -> lazy.read(new byte[1], 0, 1))
                .isInstanceOf(ProtocolNotSupportedException.class);
        assertThat(alice.ping(bob.peerId())).isPositive();
    }

    @Test
    void aHandlerThatFailsEndsItsOwnStreamOnly() throws Exception {
        Host alice = start(builder());
        Host bob =
                start(
                        builder()
                                .handler(
                                        "/fail/1",
                                        s -> {
                                            throw new IOException("on purpose");
                                        }));
        alice.connect(addressOf(bob));
        // It may fail before its agreement to the protocol has left.
        assertThatThrownBy(() -> Frames.read(alice.newStream(bob.peerId(), "/fail/1"), 10))
                .isInstanceOf(StreamResetException.class);
        assertThat(alice.ping(bob.peerId())).isPositive();
    }

    @Test
    void someoneElseAtTheAddressIsNotedAsTheWrongPeer() throws Exception {
        Host alice = start(builder());
        Host mallory = start(builder());
        PeerId bob = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        BlockingQueue<HostEvent> seen = events(alice);
        assertThatThrownBy(() -> alice.connect(addressOf(mallory).withPeerId(bob)))
                .isInstanceOfSatisfying(
                        WrongPeerException.class,
                        e -> {
                            assertThat(e.expected()).isEqualTo(bob);
                            assertThat(e.code()).isEqualTo("WRONG_PEER_ID");
                        });
        assertThat(next(seen, SwarmEvent.DialFailed.class).peer()).isEqualTo(bob);
        assertThat(alice.connectedPeers()).isEmpty();
    }

    @Test
    void addressesAreTriedInOrderAndEachFailureIsNamed() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        Connection connection = alice.connect(bob.peerId(), List.of(nobody(), addressOf(bob)));
        assertThat(connection.remotePeer()).isEqualTo(bob.peerId());
        PeerId carol = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        assertThatThrownBy(() -> alice.connect(carol, List.of(nobody(), addressOf(bob))))
                .isInstanceOfSatisfying(
                        DialFailedException.class,
                        e -> {
                            assertThat(e.attempts()).hasSize(2);
                            assertThat(e.attempts().getFirst().address()).isEqualTo(nobody());
                            assertThat(e.attempts().getLast().cause())
                                    .isInstanceOf(WrongPeerException.class);
                        });
    }

    @Test
    void aPeerWithoutAddressIsNotDialled() throws Exception {
        Host alice = start(builder());
        PeerId carol = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        assertThatThrownBy(() -> alice.newStream(carol, "/a/1"))
                .isInstanceOfSatisfying(
                        DialFailedException.class,
                        e -> assertThat(e.code()).isEqualTo("NO_ADDRESS"));
    }

    @Test
    void connectingAgainGivesTheOpenConnection() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        Connection first = alice.connect(addressOf(bob));
        assertThat(alice.connect(addressOf(bob))).isSameAs(first);
    }

    /// Often, because one that looks just before another's dial ends must not begin one.
    @RepeatedTest(50)
    void manyWhoDialAtOnceShareOneConnection() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        List<Connection> got = new java.util.concurrent.CopyOnWriteArrayList<>();
        List<Thread> dialers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            dialers.add(
                    Thread.startVirtualThread(() -> {
                        try {
                            got.add(alice.connect(addressOf(bob)));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }));
        }
        for (Thread dialer : dialers) {
            dialer.join();
        }
        assertThat(got).hasSize(8);
        assertThat(alice.connections(bob.peerId())).hasSize(1).containsAll(got);
    }

    @Test
    void twoWhoDialEachOtherAtOnceBothStayUsable() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        Thread other =
                Thread.startVirtualThread(() -> {
                    try {
                        bob.connect(addressOf(alice));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        alice.connect(addressOf(bob));
        other.join();
        assertThat(alice.connections(bob.peerId())).hasSizeBetween(1, 2);
        assertThat(alice.ping(bob.peerId())).isPositive();
        assertThat(bob.ping(alice.peerId())).isPositive();
    }

    @Test
    void theEndOfAConnectionIsToldAndAliceCanConnectAgain() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder());
        BlockingQueue<HostEvent> seen = events(alice);
        alice.connect(addressOf(bob));
        assertThat(next(seen, SwarmEvent.ConnectionOpened.class).connections()).isEqualTo(1);
        // Bob knows of the connection once he has answered.
        assertThat(alice.ping(bob.peerId())).isPositive();
        bob.disconnect(alice.peerId());
        SwarmEvent.ConnectionClosed closed = next(seen, SwarmEvent.ConnectionClosed.class);
        assertThat(closed.peer()).isEqualTo(bob.peerId());
        assertThat(closed.connections()).isZero();
        assertThat(alice.isConnected(bob.peerId())).isFalse();
        assertThat(alice.ping(bob.peerId())).isPositive();
    }

    @Test
    void aClosedHostRefusesAndItsStreamsEnd() throws Exception {
        Host alice = start(builder());
        Host bob = start(builder().handler("/echo/1", HostContract::echo));
        alice.connect(addressOf(bob));
        Stream stream = alice.newStream(bob.peerId(), "/echo/1");
        Multiaddr address = addressOf(bob);
        bob.close();
        assertThatThrownBy(
                        () -> {
                            int end = stream.read(new byte[1], 0, 1);
                            throw new IOException("ended with " + end);
                        })
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> bob.connect(addressOf(alice)))
                .isInstanceOf(SwarmClosedException.class);
        alice.disconnect(bob.peerId());
        assertThatThrownBy(() -> alice.connect(address)).isInstanceOf(IOException.class);
    }
}
