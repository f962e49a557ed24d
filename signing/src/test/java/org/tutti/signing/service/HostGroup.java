package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Real hosts with real services in one process, each connected to all others, or to relays alone.
final class HostGroup implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    final List<Node> nodes = new ArrayList<>();
    final SignerGroup group;

    /// Indices of the relays; none where all are connected to all.
    private final List<Integer> relays;

    /// One signer.
    static final class Node {
        final PrivateKey identity;
        final SecretKey key;
        final Path folder;
        final BlockingQueue<SessionEvent> events = new LinkedBlockingQueue<>();
        Host host;
        final CompletableFuture<Throwable> failure = new CompletableFuture<>();

        /// Runs at each reading of the wall clock.
        volatile Runnable atClock = () -> {};

        /// How it sends its own messages and, where it relays, those of others.
        volatile BiConsumer<GroupWay.Parcel, Consumer<GroupWay.Parcel>> sending =
                (parcel, links) -> links.accept(parcel);

        SessionTimeouts timeouts = SessionTimeouts.DEFAULT;

        Approval.Decider approval = (request, _) -> new Decision.Approved(request.messages());

        /// What the approval says that a request holds, whatever is decided.
        Function<SigningRequest, Hold> holdOf = _ -> Hold.NONE;

        SigningService service;
        SigningGroup signing;

        /// What a test sets later counts too.
        Approval approval() {
            return new Approval() {
                @Override
                public Decision decide(SigningRequest request, Member requester)
                        throws InterruptedException {
                    return approval.decide(request, requester);
                }

                @Override
                public Hold holdOf(SigningRequest request) {
                    return holdOf.apply(request);
                }
            };
        }

        /// Told what becomes of holds, where a test wants it.
        HoldListener holds = HoldListener.none();

        Member member;

        @SuppressWarnings("NullAway") // Filled in by the group.
        Node(PrivateKey identity, SecretKey key, Path folder, Host host) {
            this.identity = identity;
            this.key = key;
            this.folder = folder;
            this.host = host;
        }

        /// The next event of this kind; earlier events are dropped.
        <E extends SessionEvent> E await(Class<E> kind) throws InterruptedException {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (true) {
                SessionEvent event =
                        events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName() + " came");
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }
    }

    /// @param listen where each host listens
    /// @param custom changes a host's builder, such as its transport
    HostGroup(int size, Path folder, String listen, UnaryOperator<HostBuilder> custom)
            throws Exception {
        this(size, folder, listen, custom, List.of());
    }

    /// @param relays indices of those through whom messages go
    HostGroup(
            int size,
            Path folder,
            String listen,
            UnaryOperator<HostBuilder> custom,
            List<Integer> relays)
            throws Exception {
        this(size, folder, listen, custom, relays, _ -> {});
    }

    /// @param before changes a node before it is started
    HostGroup(
            int size,
            Path folder,
            String listen,
            UnaryOperator<HostBuilder> custom,
            List<Integer> relays,
            Consumer<Node> before)
            throws Exception {
        this.relays = relays;
        SeededRandom random = new SeededRandom(size);
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            PrivateKey identity = Keys.generate(KeyType.ED25519, random);
            Host host =
                    custom.apply(
                                    Host.builder()
                                            .identity(identity)
                                            .listen(Multiaddr.parse(listen.formatted(i))))
                            .build();
            host.start();
            Path own = Files.createDirectories(folder.resolve("node" + i));
            Node node = new Node(identity, SecretKey.generate(random), own, host);
            nodes.add(node);
            candidates.add(
                    new SignerGroup.Candidate(
                            host.peerId(), node.key.publicKey(), host.addresses()));
        }
        group = SignerGroup.of(GroupFixture.NETWORK, 1, candidates);
        for (Node node : nodes) {
            node.member = group.member(node.host.peerId()).orElseThrow();
        }
        nodes.sort(Comparator.comparingInt(node -> node.member.index()));
        for (Node node : nodes) {
            before.accept(node);
            start(node);
        }
        connect();
    }

    void start(Node node) throws IOException {
        SigningServiceBuilder builder =
                SigningService.builder()
                        .host(node.host)
                        .identity(node.identity)
                        .dataFolder(node.folder)
                        .onFailure(node.failure::complete)
                        .clock(() -> {
                            node.atClock.run();
                            return Instant.now();
                        });
        builder.sending = links -> parcel -> node.sending.accept(parcel, links);
        node.service = builder.build();
        node.signing = join(node, group, peers(relays));
        node.service.start();
    }

    List<PeerId> peers(List<Integer> indices) {
        return indices.stream().map(index -> group.member(index).peerId()).toList();
    }

    /// Adds a group to a node.
    static SigningGroup join(Node node, SignerGroup group) throws IOException {
        return join(node, group, List.of());
    }

    /// As [#join(Node, SignerGroup)], whose messages go through relays.
    static SigningGroup join(Node node, SignerGroup group, List<PeerId> relays) throws IOException {
        return node.service.add(
                GroupParticipation.of(group, node.key, node.approval())
                        .withRelays(relays)
                        .withTimeouts(node.timeouts)
                        .withHoldListener(node.holds)
                        .withListener(node.events::add));
    }

    /// Another group, of some of the nodes.
    ///
    /// @param epoch makes it another one than that of the same nodes
    SignerGroup groupOf(long epoch, int... members) throws GroupException {
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i : members) {
            Node node = nodes.get(i);
            candidates.add(
                    new SignerGroup.Candidate(
                            node.host.peerId(), node.key.publicKey(), node.host.addresses()));
        }
        return SignerGroup.of(GroupFixture.NETWORK, epoch, candidates);
    }

    /// Dials all missing connections and waits until all links are open. Dials repeatedly, as a
    /// node does: one side may learn a moment later than the other that a connection was closed.
    void connect() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        dialMissing();
        while (unlinked().isPresent() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(1);
            dialMissing();
        }
        awaitLinked();
    }

    private void dialMissing() throws IOException {
        for (Node a : nodes) {
            for (Node b : nodes) {
                if (a.member.index() < b.member.index()
                        && isDirect(a, b)
                        && !a.host.isConnected(b.host.peerId())) {
                    a.host.connect(b.host.addresses().getFirst());
                }
            }
        }
    }

    private boolean isDirect(Node a, Node b) {
        return relays.isEmpty()
                || relays.contains(a.member.index())
                || relays.contains(b.member.index());
    }

    private Optional<Node> unlinked() throws InterruptedException {
        for (Node node : nodes) {
            if (node.signing.status().linked().size() < nodes.size() - 1) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    void awaitLinked() throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        for (Optional<Node> late = unlinked(); late.isPresent(); late = unlinked()) {
            if (System.nanoTime() > deadline) {
                Node node = late.get();
                throw new AssertionError(
                        node.member + " is linked to " + node.signing.status().linked());
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    static SigningRequestDraft draft(int number) {
        byte[] hash = new byte[32];
        hash[0] = (byte) number;
        hash[1] = (byte) (number >> 8);
        MessageToSign message = new MessageToSign(Bytes.wrap(hash), KeyTweak.keyPathOnly());
        return new SigningRequestDraft(
                List.of(message), "test", Bytes.EMPTY, Duration.ofMinutes(1));
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes) {
            node.service.close();
            node.host.close();
            node.key.close();
        }
    }
}
