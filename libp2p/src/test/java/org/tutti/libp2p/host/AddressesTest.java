package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.AddressesChanged;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a host knows and tells of its own addresses.
@Timeout(60)
class AddressesTest {
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(20);

    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private volatile List<InetAddress> interfaces = List.of(InetAddress.getLoopbackAddress());

    @AfterEach
    void close() {
        net.close();
    }

    private static HostBuilder tcp(String... listen) {
        HostBuilder builder =
                Host.builder().identity(MemoryHosts.key()).transport(new TcpTransport());
        for (String address : listen) {
            builder.listen(Multiaddr.parse(address));
        }
        return builder;
    }

    @Test
    void anInterfaceThatComesIsToldAndPushed() throws Exception {
        Host alice = net.start(tcp("/ip4/0.0.0.0/tcp/0").timer(clock).interfaces(() -> interfaces));
        Host bob = net.start(tcp());
        BlockingQueue<HostEvent> seenByAlice = MemoryHosts.events(alice);
        BlockingQueue<HostEvent> seenByBob = MemoryHosts.events(bob);
        Multiaddr address = alice.addresses().getFirst();
        assertThat(alice.addresses()).hasSize(1);
        assertThat(address.toString()).startsWith("/ip4/127.0.0.1/tcp/");
        bob.connect(address);
        MemoryHosts.next(seenByBob, Identified.class);
        MemoryHosts.next(seenByAlice, Identified.class);

        interfaces = List.of(InetAddress.getLoopbackAddress(), InetAddress.ofLiteral("10.1.2.3"));
        clock.advance(POLL);
        AddressesChanged changed = MemoryHosts.next(seenByAlice, AddressesChanged.class);
        assertThat(changed.listen()).hasSize(2);
        assertThat(alice.addresses()).hasSize(2);
        assertThat(pushed(seenByBob).info().listenAddresses()).isEqualTo(changed.listen());

        interfaces = List.of(InetAddress.getLoopbackAddress());
        clock.advance(POLL);
        assertThat(MemoryHosts.next(seenByAlice, AddressesChanged.class).listen()).hasSize(1);
    }

    /// The push is scheduled by another thread: time goes on until it is.
    private Identified pushed(BlockingQueue<HostEvent> events) throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            clock.advance(Duration.ofMillis(250));
            if (events.poll(500, TimeUnit.MILLISECONDS) instanceof Identified identified) {
                return identified;
            }
        }
        throw new AssertionError("nothing was pushed");
    }

    @ParameterizedTest
    @CsvSource({"/ip4/0.0.0.0/tcp/,/ip6/::/tcp/", "/ip6/::/tcp/,/ip4/0.0.0.0/tcp/"})
    void bothWildcardsListenOnOnePort(String first, String second) throws Exception {
        interfaces = List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        String port = String.valueOf(freePort());
        Host alice = net.start(tcp(first + port, second + port).interfaces(() -> interfaces));
        assertThat(alice.addresses())
                .extracting(a -> a.withoutPeerId().toString())
                .containsExactlyInAnyOrder("/ip4/127.0.0.1/tcp/" + port, "/ip6/::1/tcp/" + port);
        for (Multiaddr address : alice.addresses()) {
            Host bob = net.start(tcp());
            Connection connection = bob.connect(address);
            assertThat(bob.awaitIdentified(connection, SOON).observedAddress())
                    .contains(connection.localAddress());
            assertThat(bob.ping(alice.peerId())).isPositive();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Test
    void interfacesAreNotAskedForAListenerOnOneAddress() throws Exception {
        Host alice =
                net.start(tcp("/ip4/127.0.0.1/tcp/0").timer(clock).interfaces(() -> interfaces));
        assertThat(alice.addresses()).hasSize(1);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void anAnnouncedAddressIsAmongTheAddressesUntilItIsTakenAway() throws Exception {
        Host alice = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Multiaddr external = Multiaddr.parse("/dns4/example.com/tcp/4001");
        alice.addExternalAddress(external.withPeerId(alice.peerId()));
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external())
                .containsExactly(external);
        assertThat(alice.addresses()).hasSize(2).contains(external.withPeerId(alice.peerId()));
        alice.removeExternalAddress(external);
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external()).isEmpty();
        assertThat(alice.addresses()).hasSize(1);
    }

    @Test
    void ourOwnIdMayStandBehindAnAddressToListenOn() throws Exception {
        var key = MemoryHosts.key();
        Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
        Host alice =
                net.start(
                        Host.builder()
                                .identity(key)
                                .listen(address.withPeerId(key.publicKey().peerId())));
        assertThat(alice.addresses()).hasSize(1);
        assertThat(alice.addresses().getFirst().peerId()).contains(alice.peerId());
    }

    @Test
    void anAddressOfAnotherPeerToListenOnIsRefused() {
        Multiaddr address =
                Multiaddr.parse("/ip4/127.0.0.1/tcp/0")
                        .withPeerId(MemoryHosts.key().publicKey().peerId());
        try (Host alice = Host.builder().identity(MemoryHosts.key()).listen(address).build()) {
            assertThatThrownBy(alice::start)
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("an address of another peer")
                    .hasMessageContaining(alice.peerId().toString());
        }
    }

    /// A behaviour that says of connections what peers would, and keeps its context.
    private static final class Observer implements NetworkBehaviour {
        private final List<BehaviourContext> context = new ArrayList<>();

        @Override
        public List<InboundProtocol> protocols() {
            return List.of();
        }

        @Override
        public void attached(BehaviourContext newContext) {
            context.add(newContext);
        }

        void observed(Connection connection, Multiaddr address) {
            context.getFirst().observedAddress(connection, address);
        }
    }

    /// A connection from an address of our choice.
    private record From(Multiaddr localAddress, Multiaddr remoteAddress, boolean isOpen)
            implements Connection {
        @Override
        public String id() {
            return "c0";
        }

        @Override
        public PeerId remotePeer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public PublicKey remoteKey() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOutbound() {
            return false;
        }

        @Override
        public boolean isLimited() {
            return false;
        }

        @Override
        public int streamCount() {
            return 0;
        }

        @Override
        public long bytesIn() {
            return 0;
        }

        @Override
        public long bytesOut() {
            return 0;
        }

        @Override
        public Stream openStream(String... protocols) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Stream openStreamLazily(String protocol) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /// The connections have ended already, so what was said on them is remembered for a while.
    @Test
    void whatFourNetworksSeeIsAnExternalAddressForHalfAnHour() throws Exception {
        Observer observer = new Observer();
        Host alice = net.start(tcp("/ip4/127.0.0.1/tcp/0").timer(clock).behaviour(observer));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Multiaddr local = alice.addresses().getFirst().withoutPeerId();
        Multiaddr outside = Multiaddr.parse("/ip4/5.6.7.8/tcp/4001");
        for (int network = 1; network <= 4; network++) {
            assertThat(alice.externalAddresses()).isEmpty();
            Multiaddr remote = Multiaddr.parse("/ip4/8.8." + network + ".1/tcp/5000");
            observer.observed(new From(local, remote, false), outside);
        }
        clock.advance(SETTLE);
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external())
                .containsExactly(outside);
        assertThat(alice.addresses()).contains(outside.withPeerId(alice.peerId()));
        clock.advance(Duration.ofMinutes(29));
        assertThat(alice.externalAddresses()).containsExactly(outside);
        clock.advance(Duration.ofMinutes(1));
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external()).isEmpty();
        assertThat(alice.addresses()).hasSize(1);
    }

    @Test
    void whatIsSaidOnOpenConnectionsIsNotForgotten() throws Exception {
        Observer observer = new Observer();
        Host alice = net.start(tcp("/ip4/127.0.0.1/tcp/0").timer(clock).behaviour(observer));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Multiaddr local = alice.addresses().getFirst().withoutPeerId();
        Multiaddr outside = Multiaddr.parse("/ip4/5.6.7.8/tcp/4001");
        for (int network = 1; network <= 4; network++) {
            Multiaddr remote = Multiaddr.parse("/ip4/8.8." + network + ".1/tcp/5000");
            observer.observed(new From(local, remote, true), outside);
        }
        clock.advance(SETTLE);
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external())
                .containsExactly(outside);
        clock.advance(Duration.ofDays(1));
        assertThat(alice.externalAddresses()).containsExactly(outside);
    }

    /// Each change is pushed to all peers: four strangers must not decide how often.
    @Test
    void peersThatChangeTheirMindsAgainAndAgainChangeNothingMeanwhile() throws Exception {
        Observer observer = new Observer();
        Host alice = net.start(tcp("/ip4/127.0.0.1/tcp/0").timer(clock).behaviour(observer));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Multiaddr local = alice.addresses().getFirst().withoutPeerId();
        Multiaddr outside = Multiaddr.parse("/ip4/5.6.7.8/tcp/4001");
        List<Connection> strangers = new ArrayList<>();
        for (int network = 1; network <= 4; network++) {
            Multiaddr remote = Multiaddr.parse("/ip4/8.8." + network + ".1/tcp/5000");
            strangers.add(new From(local, remote, true));
            observer.observed(strangers.getLast(), outside);
        }
        for (int i = 0; i < 99; i++) {
            clock.advance(Duration.ofMillis(100));
            observer.observed(strangers.getFirst(), Multiaddr.parse("/ip4/6.6.6.6/tcp/" + (i + 1)));
            observer.observed(strangers.getFirst(), outside);
        }
        assertThat(alice.externalAddresses()).isEmpty();
        clock.advance(Duration.ofMillis(100));
        assertThat(MemoryHosts.next(seen, AddressesChanged.class).external())
                .containsExactly(outside);
        assertThat(seen).isEmpty();
    }

    /// What identify says of our end of a connection reaches the engine: a real peer on loopback is
    /// heard, and does not count.
    @Test
    void aPeerOnLoopbackConfirmsNothing() throws Exception {
        Host alice = net.start(tcp("/ip4/127.0.0.1/tcp/0"));
        for (int i = 0; i < 5; i++) {
            Host bob = net.start(tcp());
            bob.awaitIdentified(bob.connect(alice.addresses().getFirst()), SOON);
        }
        assertThat(alice.externalAddresses()).isEmpty();
    }
}
