package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.AdmissionPolicy;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.config.NodeConfig.ConnectionsConfig;
import org.tutti.node.config.NodeConfig.LimitsConfig;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.Member;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// The host of a node, on real sockets.
@Timeout(60)
class AdmittedPeersTest {
    private static final String SIGN = "/sign/1";

    private final TestGroup group = new TestGroup();
    private final PrivateKey monitor = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final Deque<Host> open = new ArrayDeque<>();
    private final BlockingQueue<SwarmEvent> events = new LinkedBlockingQueue<>();
    private AdmittedPeers admitted;
    private Host alice;

    AdmittedPeersTest() throws Exception {
        Setup setup = group.setup(0);
        NodeConfig config = config();
        admitted =
                new AdmittedPeers(
                        members(setup), config.connections().allow(), false, Optional.empty());
        alice =
                new NodeParts(config, Path.of("nowhere"), Clock.systemUTC(), new SecureRandom())
                        .host(Optional.of(setup), group.keysOf(0), admitted, List.of());
        open.push(alice);
        alice.handle(SIGN, stream -> stream.write(new byte[1], 0, 1));
        var _ = alice.subscribe(events::add);
        alice.start();
    }

    private static List<PeerId> members(Setup setup) {
        return setup.group().members().stream().map(Member::peerId).toList();
    }

    @AfterEach
    void close() {
        open.forEach(Host::close);
    }

    private NodeConfig config() {
        NodeConfig plain = group.config(TestGroup.POLICY);
        return new NodeConfig(
                plain.data(),
                new ConnectionsConfig(
                        List.of(
                                Multiaddr.parse("/ip4/127.0.0.1/tcp/0"),
                                Multiaddr.parse("/ip4/127.0.0.2/tcp/0")),
                        List.of(Multiaddr.parse("/dns4/alice.example/tcp/9001")),
                        List.of(monitor.publicKey().peerId()),
                        List.of(),
                        new LimitsConfig(
                                OptionalLong.of(100),
                                OptionalLong.of(10),
                                OptionalLong.of(64),
                                OptionalLong.of(8),
                                OptionalLong.of(2))),
                plain.network(),
                plain.allowMainnetSigning(),
                plain.birthday(),
                plain.epoch(),
                plain.bitcoinPeers(),
                plain.members(),
                plain.policy(),
                plain.requests(),
                plain.timeouts(),
                plain.log());
    }

    private Host host(PrivateKey key) throws IOException {
        Host host = Host.builder().identity(key).build();
        open.push(host);
        host.start();
        return host;
    }

    private static Host member(AdmittedPeersTest test, int number) throws IOException {
        NodeKeys keys = test.group.keysOf(number);
        return test.host(keys.identity());
    }

    private <E extends SwarmEvent> E next(Class<E> type) throws InterruptedException {
        while (true) {
            SwarmEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("waiting for " + type.getSimpleName()).isNotNull();
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
    }

    @Test
    void aNodeListensOnEachAddressAndAnnouncesOthers() throws Exception {
        assertThat(alice.listenAddresses())
                .extracting(a -> a.components().getFirst().text())
                .containsExactly("127.0.0.1", "127.0.0.2");
        Host bob = member(this, 1);
        for (Multiaddr address : alice.listenAddresses()) {
            bob.connect(address).close();
        }
        Connection connection = bob.connect(alice.addresses().getFirst());
        assertThat(
                        bob.awaitIdentified(connection, java.time.Duration.ofSeconds(20))
                                .listenAddresses())
                .contains(Multiaddr.parse("/dns4/alice.example/tcp/9001"));
    }

    @Test
    void membersMayDoEverything() throws Exception {
        Host bob = member(this, 1);
        bob.connect(alice.addresses().getFirst());
        try (var stream = bob.newStream(alice.peerId(), SIGN)) {
            assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(1);
        }
        assertThat(bob.ping(alice.peerId())).isPositive();
    }

    @Test
    void whoAsksADhtReachesStrangersWhoMayNotConnectThemselves() throws Exception {
        Setup setup = group.setup(2);
        AdmittedPeers open = new AdmittedPeers(members(setup), List.of(), true, Optional.empty());
        Host carol =
                new NodeParts(config(), Path.of("nowhere"), Clock.systemUTC(), new SecureRandom())
                        .host(Optional.of(setup), group.keysOf(2), open, List.of());
        this.open.push(carol);
        carol.handle(SIGN, stream -> stream.write(new byte[1], 0, 1));
        carol.start();
        Host server =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build();
        this.open.push(server);
        server.start();
        // A stranger is closed after the handshake, which it may see only later.
        Host mallory = host(Keys.generate(KeyType.ED25519, new SecureRandom()));
        assertThatThrownBy(
                        () -> {
                            mallory.connect(carol.addresses().getFirst());
                            mallory.ping(carol.peerId());
                        })
                .isInstanceOf(IOException.class);
        carol.connect(server.addresses().getFirst());
        assertThat(carol.ping(server.peerId())).isPositive();
        assertThat(server.ping(carol.peerId())).isPositive();
        assertThatThrownBy(
                        () -> {
                            try (var stream = server.newStream(carol.peerId(), SIGN)) {
                                stream.read(new byte[1], 0, 1);
                            }
                        })
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> alice.connect(server.addresses().getFirst()))
                .as("who asks no DHT reaches members alone")
                .isInstanceOf(IOException.class);
    }

    @Test
    void whoTakesRequestsIsReachedByStrangersForThemAloneUntilTheySignTogether() throws Exception {
        Setup setup = group.setup(2);
        AtomicReference<@Nullable PeerId> signer = new AtomicReference<>();
        AdmittedPeers taking =
                new AdmittedPeers(
                        members(setup),
                        List.of(),
                        true,
                        Optional.of(peer -> peer.equals(signer.get())));
        Host carol =
                new NodeParts(config(), Path.of("nowhere"), Clock.systemUTC(), new SecureRandom())
                        .host(Optional.of(setup), group.keysOf(2), taking, List.of());
        this.open.push(carol);
        carol.handle(SIGN, stream -> stream.write(new byte[1], 0, 1));
        carol.handle(SigningService.PROTOCOL, stream -> stream.write(new byte[1], 0, 1));
        carol.handle(CoordinatorProtocol.ID, stream -> stream.write(new byte[1], 0, 1));
        carol.start();
        Host mallory = host(Keys.generate(KeyType.ED25519, new SecureRandom()));
        mallory.connect(carol.addresses().getFirst());
        assertThat(mallory.ping(carol.peerId())).isPositive();
        assertThat(answers(mallory, carol, CoordinatorProtocol.ID)).isTrue();
        assertThat(answers(mallory, carol, SIGN)).isFalse();
        assertThat(answers(mallory, carol, SigningService.PROTOCOL)).isFalse();
        signer.set(mallory.peerId());
        assertThat(answers(mallory, carol, SigningService.PROTOCOL)).isTrue();
        assertThat(answers(mallory, carol, SIGN)).isFalse();
        signer.set(null);
        assertThat(answers(mallory, carol, SigningService.PROTOCOL)).isFalse();
    }

    private static boolean answers(Host from, Host to, String protocol) {
        try (var stream = from.newStream(to.peerId(), protocol)) {
            return stream.read(new byte[1], 0, 1) == 1;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void strangersOfANodeThatTakesRequestsHaveABudgetOfTheirOwn() {
        Setup setup = group.setup(2);
        AdmissionPolicy policy =
                (AdmissionPolicy)
                        new AdmittedPeers(members(setup), List.of(), true, Optional.of(_ -> false))
                                .gater();
        PeerClass strangers = policy.admitting(monitor.publicKey().peerId()).orElseThrow();
        assertThat(strangers.name()).isEqualTo("public");
        assertThat(strangers.isEvictedFirst()).isTrue();
        assertThat(strangers.isDialledOnly()).isFalse();
        assertThat(strangers.maxConnections()).isEqualTo(AdmittedPeers.MAX_PUBLIC_CONNECTIONS);
        assertThat(strangers.maxStreams()).isEqualTo(AdmittedPeers.MAX_PUBLIC_STREAMS);
        assertThat(strangers.maxReceiveMemory()).isEqualTo(AdmittedPeers.MAX_PUBLIC_MEMORY);
        PeerClass members = policy.admitting(setup.others().getFirst().peerId()).orElseThrow();
        assertThat(members.name()).isEqualTo("member");
    }

    @Test
    void aStrangerIsClosedAfterTheHandshake() throws Exception {
        Host mallory = host(Keys.generate(KeyType.ED25519, new SecureRandom()));
        try {
            mallory.connect(alice.addresses().getFirst());
        } catch (IOException e) {
            // It may hear of it at once, or with its first stream.
        }
        assertThat(next(SwarmEvent.InboundRefused.class).code()).isEqualTo("GATED");
        assertThat(alice.connectedPeers()).isEmpty();
        assertThat(alice.refusals()).containsEntry("GATED", 1L);
    }

    @Test
    void whomTheOperatorAllowsMayPingAndNothingElseUntilItIsTakenBack() throws Exception {
        Host carol = host(monitor);
        carol.connect(alice.addresses().getFirst());
        assertThat(carol.ping(alice.peerId())).isPositive();
        assertThatThrownBy(
                        () -> {
                            try (var stream = carol.newStream(alice.peerId(), SIGN)) {
                                stream.read(new byte[1], 0, 1);
                            }
                        })
                .isInstanceOf(IOException.class);
        admitted.allowOnly(List.of());
        assertThat(next(SwarmEvent.ConnectionClosed.class).peer()).isEqualTo(carol.peerId());
    }
}
