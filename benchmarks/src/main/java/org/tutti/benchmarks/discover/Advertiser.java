package org.tutti.benchmarks.discover;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorBuilder;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.coordinator.service.CoordinatorSettings;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identify.Identified;
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
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// One node with a host of its own, gossip, and a client of the DHT if there are servers.
final class Advertiser implements AutoCloseable {
    static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private final SecretKey key;
    private final Host host;
    private final GossipSub gossip;
    private final SigningService signing;
    private final Coordinator coordinator;
    private final CompletableFuture<Long> identified = new CompletableFuture<>();
    private final List<AutoCloseable> open;

    /// Like a node's, which answers its user meanwhile.
    private final Thread bootstrapping;

    /// @param servers of the DHT; none for a node without one
    Advertiser(Path folder, List<Multiaddr> servers) throws IOException {
        this(folder, servers, _ -> {}, _ -> {});
    }

    Advertiser(
            Path folder,
            List<Multiaddr> servers,
            Consumer<AdvertEvent> listener,
            Consumer<CoordinatorEvent> requests)
            throws IOException {
        Files.createDirectories(folder);
        SecureRandom random = new SecureRandom();
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
        key = SecretKey.generate(random);
        CoordinatorProtocol protocol = new CoordinatorProtocol();
        gossip = GossipSub.builder(identity).build();
        Kademlia dht = dht(Kademlia.Mode.CLIENT);
        HostBuilder builder =
                Host.builder()
                        .identity(identity)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(gossip)
                        .behaviour(protocol.behaviour());
        host = (servers.isEmpty() ? builder : builder.behaviour(dht)).build();
        host.start();
        AutoCloseable watch =
                host.subscribe(Identified.class, _ -> identified.complete(System.nanoTime()));
        signing = SigningService.builder().host(host).identity(identity).dataFolder(folder).build();
        signing.start();
        CoordinatorBuilder coordinating =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(identity)
                        .signing(signing)
                        .signingKey(key)
                        .network(NETWORK)
                        .policy(RequestPolicy.holdingNothing((request, _) -> ask(request)))
                        .settings(manyRequestsOfOneKey())
                        .listener(requests)
                        .file(folder.resolve("requests"))
                        .pubsub(gossip)
                        .advertLimits(manyOfOneKey())
                        .advertListener(listener);
        if (servers.isEmpty()) {
            open = List.of(watch);
            bootstrapping = Thread.startVirtualThread(() -> {});
        } else {
            bootstrapping =
                    Thread.startVirtualThread(() -> {
                        try {
                            dht.bootstrap(servers);
                        } catch (IOException e) {
                            // Whoever looks for something finds nobody to ask.
                        }
                    });
            Topics topics =
                    dht.topics(
                            identity,
                            new SequenceSource(
                                    new FileSequenceStorage(folder.resolve("sequence"))));
            coordinating.dht(dht, topics);
            open = List.of(watch, topics);
        }
        coordinator = coordinating.build();
        coordinator.start();
    }

    static Kademlia dht(Kademlia.Mode mode) {
        return Kademlia.builder()
                .mode(mode)
                .validator(new SignedRecordValidator(NETWORK, Coordinator.DHT_NAMESPACE))
                .validator(new SignedRecordValidator(NETWORK, Coordinator.ADVERT_NAMESPACE))
                .build();
    }

    /// One key advertises as often as is measured.
    private static AdvertLimits manyOfOneKey() {
        AdvertLimits d = AdvertLimits.DEFAULT;
        return new AdvertLimits(
                d.adverts(),
                d.bytes(),
                d.tombstones(),
                d.keysPerAuthor(),
                d.recordsPerAuthor(),
                1_000_000,
                d.interval(),
                1_000_000,
                d.forwarderPerSecond(),
                d.askedBurst(),
                d.askedPerSecond(),
                d.askedOfAll(),
                d.peersAsked(),
                d.pagesAsked());
    }

    /// A person decides, and takes its time.
    private static Judgement ask(Invitation request) {
        return new Judgement.AskPerson(
                request.messages().stream().map(RequestedMessage::toSign).toList(),
                Hold.NONE,
                List.of());
    }

    private static CoordinatorSettings manyRequestsOfOneKey() {
        CoordinatorSettings d = CoordinatorSettings.DEFAULT;
        RequestLimits limits = d.limits();
        return new CoordinatorSettings(
                d.messages(),
                new RequestLimits(
                        1_000_000,
                        1_000_000,
                        1L << 32,
                        limits.contacts(),
                        limits.over(),
                        limits.endings(),
                        limits.retryFirst(),
                        limits.retryMost(),
                        limits.linger(),
                        limits.sessions(),
                        limits.session(),
                        limits.clockSkew()),
                d.groups(),
                d.sessionLifetime(),
                d.sessions(),
                d.tick(),
                d.inboxInterval(),
                d.findFirst(),
                d.findMost(),
                1_000_000,
                d.gossipInterval(),
                d.contactLifetime());
    }

    PublicKey key() {
        return key.publicKey();
    }

    Coordinator coordinator() {
        return coordinator;
    }

    Host host() {
        return host;
    }

    GossipSub gossip() {
        return gossip;
    }

    /// Waits until it has found its place in the DHT.
    void awaitBootstrap() throws InterruptedException {
        bootstrapping.join();
    }

    /// Waits until the first peer is identified.
    ///
    /// @return when that was, by `System.nanoTime`
    long awaitIdentified() {
        return identified.join();
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        signing.close();
        for (AutoCloseable part : open) {
            try {
                part.close();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        host.close();
        key.close();
    }
}
