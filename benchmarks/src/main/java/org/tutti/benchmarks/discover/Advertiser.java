package org.tutti.benchmarks.discover;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorBuilder;
import org.tutti.coordinator.service.CoordinatorProtocol;
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
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// One node with a host of its own, gossip, and a client of the DHT if there are servers.
final class Advertiser implements AutoCloseable {
    static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private final SecretKey key;
    private final Host host;
    private final GossipSub gossip;
    private final SigningService signing;
    private final Coordinator coordinator;
    private final AtomicLong identified = new AtomicLong();
    private final List<AutoCloseable> open;

    /// @param servers of the DHT; none for a node without one
    Advertiser(Path folder, List<Multiaddr> servers, Consumer<AdvertEvent> listener)
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
                host.subscribe(
                        Identified.class, _ -> identified.compareAndSet(0, System.nanoTime()));
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
                        .policy(
                                RequestPolicy.holdingNothing(
                                        (_, _) -> new Judgement.Refused("BENCH", "no requests")))
                        .file(folder.resolve("requests"))
                        .pubsub(gossip)
                        .advertLimits(manyOfOneKey())
                        .advertListener(listener);
        if (servers.isEmpty()) {
            open = List.of(watch);
        } else {
            dht.bootstrap(servers);
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

    Coordinator coordinator() {
        return coordinator;
    }

    Host host() {
        return host;
    }

    GossipSub gossip() {
        return gossip;
    }

    /// When the first peer was identified, by `System.nanoTime`.
    long identifiedAt() {
        return identified.get();
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
