package org.tutti.app.demo;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.ScoreParameters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Servers of a DHT in the driver's own process, each with a host and an identity of its own. They
/// sign nothing; the first few, which nodes know from their configuration, pass gossip on, too.
final class DhtServers implements AutoCloseable {
    /// What nodes have in their configuration.
    private static final int KNOWN = 3;

    private final int known;
    private final List<Host> hosts = new ArrayList<>();
    private final List<Kademlia> dhts = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();

    /// @param adverts of which type gossip is passed on
    DhtServers(int count, TransactionType adverts) throws IOException {
        this(count, KNOWN, adverts);
    }

    /// @param known how many of them nodes have in their configuration
    DhtServers(int count, int known, TransactionType adverts) throws IOException {
        this.known = known;
        String topic = "/tutti/adverts/1/" + Network.REGTEST.id().toHex() + "/" + adverts.word();
        try {
            for (int i = 0; i < count; i++) {
                start(topic);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void start(String topic) throws IOException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        Kademlia dht =
                Kademlia.builder()
                        .mode(Kademlia.Mode.SERVER)
                        .validator(validator(Coordinator.DHT_NAMESPACE))
                        .validator(validator(Coordinator.ADVERT_NAMESPACE))
                        .build();
        GossipSub gossip = GossipSub.builder(identity).parameters(onOneMachine()).build();
        HostBuilder builder =
                Host.builder()
                        .identity(identity)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(dht);
        boolean isKnown = hosts.size() < known;
        Host host = (isKnown ? builder.behaviour(gossip) : builder).build();
        host.start();
        hosts.add(host);
        dhts.add(dht);
        if (hosts.size() > 1) {
            dht.bootstrap(hosts.getFirst().addresses());
        }
        if (isKnown) {
            Subscription subscription = gossip.subscribe(topic);
            subscriptions.add(subscription);
            Thread.ofVirtual().name("demo-gossip").start(() -> drain(subscription));
        }
    }

    /// All are behind one address.
    private static GossipSubParameters onOneMachine() {
        return GossipSubParameters.largeNetwork()
                .with(values -> {
                    ScoreParameters.Colocation usual = values.score.colocation();
                    values.score =
                            values.score.withColocation(
                                    new ScoreParameters.Colocation(
                                            usual.weight(),
                                            usual.threshold(),
                                            Set.of("127.0.0.1")));
                });
    }

    private static void drain(Subscription subscription) {
        try {
            while (subscription.take() != null) {
                // Passed on is enough.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SignedRecordValidator validator(String namespace) {
        return new SignedRecordValidator(Network.REGTEST.id(), namespace);
    }

    /// Of those that nodes know.
    List<String> addresses() {
        return hosts.subList(0, known).stream()
                .map(host -> host.addresses().getFirst().toString())
                .toList();
    }

    /// Until the DHT has an advert of each of these peers.
    void awaitAdverts(TransactionType type, List<PeerId> authors, Deadline deadline)
            throws DemoFailed {
        Topic topic =
                new Topic(
                        Network.REGTEST.id(),
                        Coordinator.ADVERT_NAMESPACE,
                        Bytes.wrap(type.word().getBytes(StandardCharsets.US_ASCII)));
        try {
            for (PeerId author : authors) {
                while (!has(topic, author)) {
                    if (deadline.nanosLeft() < 0) {
                        throw new DemoFailed("TIMED_OUT", "no advert of " + author + " in the DHT");
                    }
                    Thread.sleep(100);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailed("INTERRUPTED", "interrupted");
        }
    }

    private boolean has(Topic topic, PeerId author) {
        try {
            return dhts.getLast().get(topic.keyOf(author)).value().isPresent();
        } catch (IOException | InvalidRecordException e) {
            return false; // Asked again.
        }
    }

    @Override
    public void close() {
        subscriptions.forEach(Subscription::close);
        hosts.forEach(Host::close);
    }
}
