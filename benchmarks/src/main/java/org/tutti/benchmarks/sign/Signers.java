package org.tutti.benchmarks.sign;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.service.GroupParticipation;
import org.tutti.signing.service.SessionHandle;
import org.tutti.signing.service.SigningGroup;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// N signers in one process that share nothing: each has its own identity, host, loopback sockets,
/// key, and journal forced to disk.
final class Signers implements AutoCloseable {
    /// Any 32 bytes: what is signed here is for no chain.
    private static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private static final Duration SETUP_TIMEOUT = Duration.ofMinutes(3);

    private final Path folder;
    private final SecureRandom random = new SecureRandom();
    private final List<Node> nodes = new ArrayList<>();

    private record Identity(PrivateKey identity, SecretKey key, Host host) {}

    private record Node(Identity identity, SigningService service, SigningGroup group) {}

    private Signers(Path folder) {
        this.folder = folder;
    }

    /// Starts them and waits until each is linked to all others.
    ///
    /// @param parent where the temporary data folders are made; its disk is what is measured
    /// @param listener gets the events of all signers, from many threads
    static Signers start(int count, Path parent, Consumer<SessionEvent> listener)
            throws IOException, GroupException, InterruptedException {
        Signers signers = new Signers(Files.createTempDirectory(parent, "tutti-bench-"));
        try {
            signers.open(count, listener);
            return signers;
        } catch (IOException | GroupException | InterruptedException | RuntimeException e) {
            signers.close();
            throw e;
        }
    }

    private void open(int count, Consumer<SessionEvent> listener)
            throws IOException, GroupException, InterruptedException {
        List<Identity> identities = new ArrayList<>();
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Identity made = identity();
            identities.add(made);
            candidates.add(
                    new SignerGroup.Candidate(
                            made.host.peerId(), made.key.publicKey(), made.host.addresses()));
        }
        SignerGroup group = SignerGroup.of(NETWORK, 1, candidates);
        identities.sort(
                Comparator.comparingInt(i -> group.member(i.host.peerId()).orElseThrow().index()));
        for (Identity identity : identities) {
            nodes.add(node(identity, group, listener));
        }
        connectAll();
    }

    private Identity identity() throws IOException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
        ResourceLimits limits =
                ResourceLimits.builder()
                        .maxPendingConnections(256)
                        .maxPendingConnectionsPerHost(256)
                        .build();
        Host host =
                Host.builder()
                        .identity(identity)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .limits(limits)
                        .build();
        host.start();
        return new Identity(identity, SecretKey.generate(random), host);
    }

    private Node node(Identity identity, SignerGroup group, Consumer<SessionEvent> listener)
            throws IOException {
        Path data = folder.resolve("node" + nodes.size());
        Files.createDirectories(data);
        SigningService service =
                SigningService.builder()
                        .host(identity.host)
                        .identity(identity.identity)
                        .dataFolder(data)
                        .random(random)
                        .build();
        SigningGroup signing =
                service.add(
                        GroupParticipation.of(
                                        group,
                                        identity.key,
                                        Approval.holdingNothing((request, _) ->
                                                new Decision.Approved(request.messages())))
                                .withTimeouts(
                                        new SessionTimeouts(
                                                Duration.ofSeconds(60),
                                                Duration.ofSeconds(60),
                                                Duration.ofSeconds(60)))
                                .withListener(listener));
        service.start();
        return new Node(identity, service, signing);
    }

    private void connectAll() throws IOException, InterruptedException {
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = 0; j < i; j++) {
                nodes.get(i)
                        .identity
                        .host
                        .connect(nodes.get(j).identity.host.addresses().getFirst());
            }
        }
        long deadline = System.nanoTime() + SETUP_TIMEOUT.toNanos();
        for (Node node : nodes) {
            while (node.group.status().linked().size() < nodes.size() - 1) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the signers did not connect in time");
                }
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }
    }

    int size() {
        return nodes.size();
    }

    /// Asks for one signature over a fresh message.
    SigningRequest ask(int requester) {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        MessageToSign message = new MessageToSign(Bytes.wrap(hash), KeyTweak.keyPathOnly());
        SessionHandle handle =
                nodes.get(requester)
                        .group
                        .sign(
                                new SigningRequestDraft(
                                        List.of(message),
                                        "bench",
                                        Bytes.EMPTY,
                                        Duration.ofMinutes(2)));
        return handle.request();
    }

    /// Forces of all journals so far.
    long forces() throws InterruptedException {
        long forces = 0;
        for (Node node : nodes) {
            forces += node.group.status().forces();
        }
        return forces;
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes) {
            node.service.close();
        }
        for (Node node : nodes) {
            node.identity.host.close();
            node.identity.key.close();
        }
        delete();
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
