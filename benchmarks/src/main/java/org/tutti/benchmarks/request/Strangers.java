package org.tutti.benchmarks.request;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.coordinator.service.CoordinatorSettings;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// N signers in one process that share nothing and are no group: each has its own identity, host,
/// loopback sockets, key, and files forced to disk.
final class Strangers implements AutoCloseable {
    private static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private final Path folder;
    private final SecureRandom random = new SecureRandom();
    private final List<Node> nodes = new ArrayList<>();

    private record Node(
            SecretKey key, Host host, SigningService signing, Coordinator coordinator) {}

    private Strangers(Path folder) {
        this.folder = folder;
    }

    /// @param atOnce requests that are under way at a time
    static Strangers start(int count, int atOnce, Path parent, Consumer<CoordinatorEvent> listener)
            throws IOException {
        Strangers strangers = new Strangers(Files.createTempDirectory(parent, "tutti-bench-"));
        try {
            for (int i = 0; i < count; i++) {
                strangers.nodes.add(strangers.open(i, atOnce, listener));
            }
            for (int i = 0; i < count; i++) {
                for (int j = i + 1; j < count; j++) {
                    Host other = strangers.nodes.get(j).host();
                    var _ =
                            strangers
                                    .nodes
                                    .get(i)
                                    .host()
                                    .connect(other.peerId(), other.addresses());
                }
            }
            return strangers;
        } catch (IOException | RuntimeException e) {
            strangers.close();
            throw e;
        }
    }

    private Node open(int index, int atOnce, Consumer<CoordinatorEvent> listener)
            throws IOException {
        Path own = Files.createDirectory(folder.resolve("signer" + index));
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
        SecretKey key = SecretKey.generate(random);
        CoordinatorProtocol protocol = new CoordinatorProtocol();
        Host host =
                Host.builder()
                        .identity(identity)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(protocol.behaviour())
                        .build();
        host.start();
        SigningService signing =
                SigningService.builder()
                        .host(host)
                        .identity(identity)
                        .dataFolder(own)
                        .limits(signingLimits(atOnce))
                        .build();
        signing.start();
        Coordinator coordinator =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(identity)
                        .signing(signing)
                        .signingKey(key)
                        .network(NETWORK)
                        .policy(new Willing())
                        .file(own.resolve("requests"))
                        .settings(settings(atOnce))
                        .listener(listener)
                        .build();
        coordinator.start();
        return new Node(key, host, signing, coordinator);
    }

    private static SigningLimits signingLimits(int atOnce) {
        SigningLimits.Live live = SigningLimits.DEFAULT.live();
        return SigningLimits.DEFAULT.with(
                new SigningLimits.Live(
                        Math.max(live.sessions(), 2 * atOnce),
                        Math.max(live.sessionsPerRequester(), 2 * atOnce),
                        Math.max(live.requestBytes(), 4_096 * atOnce),
                        live.nonceSetBytes()));
    }

    private static CoordinatorSettings settings(int atOnce) {
        CoordinatorSettings usual = CoordinatorSettings.DEFAULT;
        RequestLimits limits = usual.limits();
        return new CoordinatorSettings(
                usual.messages(),
                new RequestLimits(
                        Math.max(limits.requests(), 4 * atOnce),
                        Math.max(limits.requestsPerRequester(), 2 * atOnce),
                        limits.bytes(),
                        limits.contacts(),
                        limits.over(),
                        limits.endings(),
                        limits.retryFirst(),
                        limits.retryMost(),
                        Duration.ofSeconds(2),
                        limits.sessions(),
                        limits.session(),
                        limits.clockSkew()),
                usual.groups(),
                usual.sessionLifetime(),
                usual.sessions(),
                usual.tick(),
                usual.inboxInterval(),
                usual.findFirst(),
                usual.findMost(),
                usual.gossipBurst(),
                usual.gossipInterval(),
                usual.contactLifetime());
    }

    /// Joins everything.
    private static final class Willing implements RequestPolicy {
        @Override
        public Judgement judge(Invitation request, Bytes psbt) {
            return new Judgement.Approved(
                    request.messages().stream().map(RequestedMessage::toSign).toList(),
                    Hold.NONE,
                    List.of());
        }

        @Override
        public Hold holdOf(Invitation request, Bytes psbt) {
            return Hold.NONE;
        }
    }

    int size() {
        return nodes.size();
    }

    /// A request of one message for all of them.
    Invitation ask(int requester) throws CoordinatorException, InterruptedException {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        List<PublicKey> keys = nodes.stream().map(node -> node.key().publicKey()).toList();
        return nodes.get(requester)
                .coordinator()
                .announce(
                        new InvitationDraft(
                                keys,
                                KeyOrder.SORTED,
                                List.of(RequestedMessage.untweaked(Bytes.wrap(hash))),
                                Bytes.EMPTY,
                                new InvitationDraft.Description(0, "custom", "", ""),
                                ElectionMethod.HASH,
                                0,
                                Duration.ofHours(1)));
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes) {
            node.coordinator().close();
            node.signing().close();
            node.host().close();
            node.key().close();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
