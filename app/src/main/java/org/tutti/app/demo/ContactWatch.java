package org.tutti.app.demo;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.inbox.InboxPlace;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SequenceStorage;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What anybody can see in the DHT: whether a signer has said where it is asked, and how many keep
/// requests for it. The driver of a demo waits for that, and says nothing there itself.
final class ContactWatch implements AutoCloseable {
    private static final ListLimits ONE = ListLimits.entries(1);

    private final Host host;
    private final Kademlia dht;
    private final Topics topics;
    private final List<Multiaddr> servers;
    private final Network network;

    /// @param servers of the DHT, each address with its `/p2p` part
    ContactWatch(List<Multiaddr> servers, Network network) throws IOException {
        this.servers = List.copyOf(servers);
        this.network = network;
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        dht =
                Kademlia.builder()
                        .validator(
                                new SignedRecordValidator(network.id(), Coordinator.DHT_NAMESPACE))
                        .build();
        host = Host.builder().identity(identity).behaviour(dht).build();
        host.start();
        topics = dht.topics(identity, new SequenceSource(SequenceStorage.none()));
    }

    /// Waits until all of them can be found.
    void awaitContacts(List<PublicKey> keys, Deadline deadline) throws DemoFailed {
        for (PublicKey key : keys) {
            await("where " + key.bytes().toHex() + " is asked", () -> hasContact(key), deadline);
        }
    }

    /// Waits until so many keep a request for a signer.
    void awaitHolders(PublicKey recipient, int count, Deadline deadline) throws DemoFailed {
        await(count + " holders of the request", () -> holders(recipient) >= count, deadline);
    }

    /// Something that is looked for until it is there.
    @FunctionalInterface
    private interface Look {
        boolean isThere() throws IOException, InvalidRecordException;
    }

    private void await(String what, Look look, Deadline deadline) throws DemoFailed {
        try {
            while (true) {
                if (isThere(look)) {
                    return;
                }
                if (deadline.nanosLeft() <= 0) {
                    throw new DemoFailed(
                            "TIMED_OUT", "the DHT does not have " + what + " " + deadline.text());
                }
                Thread.sleep(250);
            }
        } catch (InterruptedException e) {
            throw new DemoFailed("INTERRUPTED", "interrupted");
        } catch (InvalidRecordException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isThere(Look look) throws InvalidRecordException {
        try {
            if (dht.knownPeers().isEmpty()) {
                dht.bootstrap(servers);
            }
            return look.isThere();
        } catch (IOException e) {
            return false; // Nobody answers now.
        }
    }

    private boolean hasContact(PublicKey key) throws IOException, InvalidRecordException {
        AtomicInteger found = new AtomicInteger();
        var _ =
                topics.list(
                        new Topic(network.id(), Coordinator.DHT_NAMESPACE, key.bytes()),
                        ONE,
                        _ -> found.incrementAndGet());
        return found.get() > 0;
    }

    private int holders(PublicKey recipient) throws IOException {
        Bytes place = InboxPlace.of(network.id(), recipient, InboxPlace.day(Instant.now()));
        return dht.findProviders(place, 20).providers().size();
    }

    @Override
    public void close() {
        topics.close();
        host.close();
    }
}
