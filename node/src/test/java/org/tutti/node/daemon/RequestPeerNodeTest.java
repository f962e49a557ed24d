package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.control.ControlClient;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.ProcessProtection;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.Step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A running node, and another signer that is no node: it changes its mind, is late, and sends what
/// nobody honest sends. What the node tells of it.
@Timeout(120)
class RequestPeerNodeTest {
    @TempDir Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final RecordedEvents events = new RecordedEvents();
    private final SecretKey key = SecretKey.generate(new SecureRandom());
    private final BlockingQueue<CoordinatorEvent> heard = new LinkedBlockingQueue<>();

    /// Refuses the first session of what it has joined.
    private static final class Wavering implements RequestPolicy {
        private final AtomicBoolean decided = new AtomicBoolean();

        @Override
        public Judgement judge(Invitation request, Bytes psbt) {
            return new Judgement.Approved(
                    request.messages().stream().map(RequestedMessage::toSign).toList(),
                    Hold.NONE,
                    List.of());
        }

        @Override
        public Judgement judgeBeforeSigning(Invitation request, Bytes psbt) {
            return decided.getAndSet(true)
                    ? judge(request, psbt)
                    : new Judgement.Refused("NOT_YET", "not at the first time");
        }

        @Override
        public Hold holdOf(Invitation request, Bytes psbt) {
            return Hold.NONE;
        }
    }

    private ControlClient node() throws Exception {
        RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {});
        open.push(bitcoin);
        Path data = folder.resolve("alice");
        try (NodeKeys _ = new KeyStore(data).create(Network.REGTEST, new SecureRandom())) {
            Node.makeJournal(data, new SecureRandom());
        }
        Path config = folder.resolve("alice.toml");
        Files.writeString(
                config,
                """
                listen = "/ip4/127.0.0.1/tcp/0"
                network = "regtest"
                birthday = 0
                [bitcoin]
                peers = ["%s:%d"]
                [requests]
                mode = "ask"
                raw = true
                step_by_step = true
                """
                        .formatted(bitcoin.host(), bitcoin.port()));
        open.push(
                Node.start(
                        ConfigReader.read(config), data, ProcessProtection.NOT_ASKED_FOR, events));
        return new ControlClient(data, Duration.ofSeconds(30));
    }

    /// Its user takes each step of a session.
    private Coordinator signer(Host host, PrivateKey identity, CoordinatorProtocol protocol)
            throws Exception {
        SigningService signing =
                SigningService.builder()
                        .host(host)
                        .identity(identity)
                        .dataFolder(Files.createDirectory(folder.resolve("bob")))
                        .build();
        open.push(signing);
        signing.start();
        Coordinator coordinator =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(identity)
                        .signing(signing)
                        .signingKey(key)
                        .network(Network.REGTEST.id())
                        .policy(new Wavering())
                        .file(folder.resolve("bob").resolve("requests"))
                        .stepByStep(_ -> true)
                        .listener(heard::add)
                        .build();
        open.push(coordinator);
        coordinator.start();
        return coordinator;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open) {
            part.close();
        }
        key.close();
    }

    private CoordinatorEvent.StepNeeded awaitStep(Step step) throws InterruptedException {
        while (true) {
            CoordinatorEvent event = heard.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("no " + step).isNotNull();
            if (event instanceof CoordinatorEvent.StepNeeded needed && needed.step() == step) {
                return needed;
            }
        }
    }

    @Test
    void whatBecomesOfASessionWithASignerThatIsLateAndOfAPeerThatIsHostileIsTold()
            throws Exception {
        ControlClient alice = node();
        NodeEvent.Started started = events.await(NodeEvent.Started.class);
        NodeEvent.Listening listening = events.await(NodeEvent.Listening.class);
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        CoordinatorProtocol protocol = new CoordinatorProtocol();
        Host host =
                Host.builder()
                        .identity(identity)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(GossipSub.builder(identity).build())
                        .behaviour(protocol.behaviour())
                        .build();
        open.push(host);
        host.start();
        Coordinator bob = signer(host, identity, protocol);
        PeerId node = PeerId.parse(started.peerId());
        List<Multiaddr> addresses = listening.addresses().stream().map(Multiaddr::parse).toList();
        var _ = host.connect(node, addresses);

        String id =
                alice.createRequest(
                                new RequestOrder(
                                        List.of(
                                                started.signingKey(),
                                                key.publicKey().bytes().toHex()),
                                        Optional.empty(),
                                        Optional.of(List.of("42".repeat(32))),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(600L),
                                        Optional.empty()))
                        .request();
        NodeEvent.SessionAborted aborted = events.await(NodeEvent.SessionAborted.class);
        assertThat(aborted.request()).isEqualTo(id);
        assertThat(aborted.code()).isEqualTo("NOT_YET");
        assertThat(aborted.culprits()).isEmpty();

        // The next session waits for his nonces until the deadline, and is tried again.
        awaitStep(Step.NONCES);
        assertThat(events.await(NodeEvent.StepNeeded.class).round()).isEqualTo(1);
        alice.startRound(id, 1);
        NodeEvent.SignerLate late = events.await(NodeEvent.SignerLate.class);
        assertThat(late.request()).isEqualTo(id);
        assertThat(late.signer()).isEqualTo(key.publicKey().bytes().toHex());
        CoordinatorEvent.StepNeeded step = awaitStep(Step.NONCES);
        bob.startRound1(step.request());
        assertThat(events.await(NodeEvent.StepNeeded.class).round()).isEqualTo(1);
        alice.startRound(id, 1);
        awaitStep(Step.PARTIALS);
        bob.startRound2(step.request());
        assertThat(events.await(NodeEvent.StepNeeded.class).round()).isEqualTo(2);
        alice.startRound(id, 2);
        assertThat(events.await(NodeEvent.Finalized.class).signatures())
                .containsExactly(
                        bob.finalSignature(step.request()).get().getFirst().bytes().toHex());

        for (int i = 0; i < 10; i++) {
            nonsense(host, node);
        }
        NodeEvent.PeerBlocked blocked = events.await(NodeEvent.PeerBlocked.class);
        assertThat(blocked.peerId()).isEqualTo(host.peerId().toString());
        assertThat(blocked.code()).startsWith("COORDINATOR_");
        // From loopback come programs of this machine.
        assertThat(blocked.addresses()).isEmpty();
    }

    /// A question that is none.
    private static void nonsense(Host from, PeerId to) throws IOException {
        try (Stream stream = from.newStream(to, CoordinatorProtocol.ID)) {
            stream.writeLast(new byte[] {3, (byte) 0xff, (byte) 0xff, (byte) 0xff}, 0, 4);
            var _ = stream.inputStream().read();
        } catch (IOException e) {
            // It was reset.
        }
    }
}
