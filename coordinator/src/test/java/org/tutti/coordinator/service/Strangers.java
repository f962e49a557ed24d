package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupPolicy;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.FileSequenceStorage;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Signers in one process who share no configuration, each with a real host, signing service and
/// coordinator; and servers of a DHT.
final class Strangers implements AutoCloseable {
    static final Bytes NETWORK = Bytes.wrap(new byte[32]);
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    final List<Stranger> signers = new ArrayList<>();
    final List<Host> servers = new ArrayList<>();
    private final List<Kademlia> serverDhts = new ArrayList<>();
    private final Path folder;

    /// Approves everything.
    static final RequestPolicy WILLING =
            new RequestPolicy() {
                @Override
                public Judgement judge(Invitation request, Bytes psbt) {
                    return new Judgement.Approved(messages(request), Hold.NONE, List.of());
                }

                @Override
                public Hold holdOf(Invitation request, Bytes psbt) {
                    return Hold.NONE;
                }
            };

    /// Joins, and does not sign.
    static final RequestPolicy CHANGED =
            new RequestPolicy() {
                @Override
                public Judgement judge(Invitation request, Bytes psbt) {
                    return new Judgement.Approved(messages(request), Hold.NONE, List.of());
                }

                @Override
                public Judgement judgeBeforeSigning(Invitation request, Bytes psbt) {
                    return new Judgement.Refused("CHANGED", "the rules are others by now");
                }

                @Override
                public Hold holdOf(Invitation request, Bytes psbt) {
                    return Hold.NONE;
                }
            };

    /// Something that becomes so by itself.
    interface Condition {
        boolean holds() throws Exception;
    }

    static void awaitUntil(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not become so");
            }
            Thread.sleep(20);
        }
    }

    /// Lets a person decide.
    static final RequestPolicy ASKING =
            new RequestPolicy() {
                @Override
                public Judgement judge(Invitation request, Bytes psbt) {
                    return new Judgement.AskPerson(
                            messages(request), Hold.NONE, List.of("a raw message"));
                }

                @Override
                public Hold holdOf(Invitation request, Bytes psbt) {
                    return Hold.NONE;
                }
            };

    static List<MessageToSign> messages(Invitation request) {
        return request.messages().stream().map(RequestedMessage::toSign).toList();
    }

    Strangers(Path folder) {
        this.folder = folder;
    }

    /// One signer, running or not.
    static final class Stranger implements AutoCloseable {
        final PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        final SecretKey key = SecretKey.generate(new SecureRandom());
        final byte[] inbox = secret();
        final Path folder;
        final BlockingQueue<CoordinatorEvent> events = new LinkedBlockingQueue<>();
        final BlockingQueue<AdvertEvent> advertEvents = new LinkedBlockingQueue<>();
        Set<PublicKey> vouchers = Set.of();
        RequestPolicy policy = WILLING;
        CoordinatorSettings settings = CoordinatorSettings.DEFAULT;

        /// By how much its wall clock has been set forward since it started.
        volatile Duration clockSet = Duration.ZERO;

        final BlockingQueue<Duration> clockSteps = new LinkedBlockingQueue<>();
        final BlockingQueue<GroupEvent> groupEvents = new LinkedBlockingQueue<>();
        final TestGroupKeys groupKeys = new TestGroupKeys();
        GroupPolicy groupPolicy = GroupPolicy.ASK;
        boolean stepwise;
        @Nullable Host host;
        @Nullable Topics topics;
        @Nullable SigningService signing;
        @Nullable Coordinator coordinator;
        @Nullable Kademlia dht;
        @Nullable GossipSub gossip;

        Stranger(Path folder) {
            this.folder = folder;
        }

        private static byte[] secret() {
            byte[] bytes = new byte[32];
            new SecureRandom().nextBytes(bytes);
            return bytes;
        }

        PublicKey publicKey() {
            return key.publicKey();
        }

        /// Starts it.
        ///
        /// @param bootstrap of the DHT; none for a signer without one
        void start(List<Multiaddr> bootstrap) throws Exception {
            CoordinatorProtocol protocol = new CoordinatorProtocol();
            GossipSub gossip = GossipSub.builder(identity).build();
            this.gossip = gossip;
            HostBuilder builder =
                    Host.builder()
                            .identity(identity)
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(gossip)
                            .behaviour(protocol.behaviour());
            Kademlia kad = null;
            if (!bootstrap.isEmpty()) {
                kad =
                        Kademlia.builder()
                                .validator(new SignedRecordValidator(NETWORK, "contact"))
                                .validator(new SignedRecordValidator(NETWORK, "advert"))
                                .build();
                builder.behaviour(kad);
            }
            Host started = builder.build();
            started.start();
            host = started;
            SigningService service =
                    SigningService.builder()
                            .host(started)
                            .identity(identity)
                            .dataFolder(folder)
                            .clock(() -> Instant.now().plus(clockSet))
                            .build();
            service.start();
            signing = service;
            CoordinatorBuilder coordinating =
                    Coordinator.builder()
                            .protocol(protocol)
                            .host(started)
                            .identity(identity)
                            .signing(service)
                            .signingKey(key)
                            .network(NETWORK)
                            .policy(policy)
                            .file(folder.resolve("requests"))
                            .pubsub(gossip)
                            .inbox(InboxKey.of(inbox))
                            .settings(settings)
                            .onClockStepped(clockSteps::add)
                            .groups(groupKeys, ExtendedKeyVersions.TESTNET)
                            .groupPolicy(groupPolicy)
                            .groupListener(groupEvents::add)
                            .stepByStep(_ -> stepwise)
                            .vouchers(vouchers)
                            .advertListener(advertEvents::add)
                            .listener(event -> {
                                if (Boolean.getBoolean("tutti.print")) {
                                    System.out.println(folder.getFileName() + " " + event);
                                }
                                events.add(event);
                            });
            if (kad != null) {
                kad.bootstrap(bootstrap);
                topics =
                        kad.topics(
                                identity,
                                new SequenceSource(
                                        new FileSequenceStorage(folder.resolve("sequence"))));
                dht = kad;
                coordinating.dht(kad, topics);
            }
            coordinator = coordinating.build();
            coordinator.start();
        }

        Kademlia dht() {
            Kademlia running = dht;
            if (running == null) {
                throw new IllegalStateException("it has no DHT");
            }
            return running;
        }

        GossipSub gossip() {
            return Objects.requireNonNull(gossip);
        }

        Coordinator coordinator() {
            Coordinator running = coordinator;
            if (running == null) {
                throw new IllegalStateException("it does not run");
            }
            return running;
        }

        Host host() {
            Host running = host;
            if (running == null) {
                throw new IllegalStateException("it does not run");
            }
            return running;
        }

        /// The next event of this kind; earlier events are dropped.
        <E extends CoordinatorEvent> E await(Class<E> kind) throws InterruptedException {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (true) {
                CoordinatorEvent event =
                        events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName() + " came");
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }

        GroupCoordinator groups() {
            return coordinator().groups();
        }

        /// As a proposal names it.
        Proposal.Member member() {
            return new Proposal.Member(publicKey(), identity.publicKey().peerId());
        }

        /// The next event of groups of this kind; earlier ones are dropped.
        <E extends GroupEvent> E awaitGroup(Class<E> kind) throws InterruptedException {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (true) {
                GroupEvent event =
                        groupEvents.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName() + " came");
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }

        /// The next event of adverts of this kind; earlier ones are dropped.
        <E extends AdvertEvent> E awaitAdvert(Class<E> kind) throws InterruptedException {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (true) {
                AdvertEvent event =
                        advertEvents.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName() + " came");
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }

        void stop() throws IOException {
            if (coordinator != null) {
                coordinator.close();
            }
            if (signing != null) {
                signing.close();
            }
            if (topics != null) {
                topics.close();
            }
            if (host != null) {
                host.close();
            }
            coordinator = null;
            signing = null;
            topics = null;
            host = null;
        }

        @Override
        public void close() throws IOException {
            stop();
            key.close();
        }
    }

    Stranger signer(RequestPolicy policy) throws IOException {
        Stranger made = new Stranger(Files.createDirectories(folder.resolve("s" + signers.size())));
        made.policy = policy;
        signers.add(made);
        return made;
    }

    /// Starts so many servers of a DHT that know one another.
    void servers(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Kademlia dht =
                    Kademlia.builder()
                            .mode(Kademlia.Mode.SERVER)
                            .validator(new SignedRecordValidator(NETWORK, "contact"))
                            .validator(new SignedRecordValidator(NETWORK, "advert"))
                            .build();
            Host host =
                    Host.builder()
                            .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(dht)
                            .build();
            host.start();
            if (!servers.isEmpty()) {
                dht.bootstrap(bootstrap());
            }
            servers.add(host);
            serverDhts.add(dht);
        }
    }

    List<Multiaddr> bootstrap() {
        return servers.stream().flatMap(host -> host.addresses().stream()).toList();
    }

    List<PublicKey> keys() {
        return signers.stream().map(Stranger::publicKey).toList();
    }

    /// A request for one raw message by all signers.
    InvitationDraft draft() {
        return draft(Bytes.wrap(new byte[32]));
    }

    InvitationDraft draft(Bytes hash) {
        return new InvitationDraft(
                keys(),
                KeyOrder.SORTED,
                List.of(RequestedMessage.untweaked(hash)),
                Bytes.EMPTY,
                new InvitationDraft.Description(0, "custom", "a test", "test"),
                ElectionMethod.HASH,
                0,
                Duration.ofHours(1));
    }

    /// Connects each signer to the first.
    void connectToFirst() throws IOException {
        for (Stranger other : signers.subList(1, signers.size())) {
            var _ =
                    other.host()
                            .connect(
                                    signers.getFirst().host().peerId(),
                                    signers.getFirst().host().addresses());
        }
    }

    @Override
    public void close() throws IOException {
        for (Stranger signer : signers) {
            signer.close();
        }
        servers.forEach(Host::close);
    }
}
