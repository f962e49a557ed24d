package org.tutti.libp2p.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.EngineConfig;
import org.tutti.libp2p.internal.kad.Goal;
import org.tutti.libp2p.internal.kad.KademliaEngine;
import org.tutti.libp2p.internal.kad.Outcome;
import org.tutti.libp2p.internal.kad.StoredRecords;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.ValueStore;
import org.tutti.libp2p.internal.swarm.IpScope;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidator;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SeenSequenceStorage;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/// A Kademlia DHT (libp2p/specs kad-dht/README.md). Give it to `HostBuilder.behaviour`.
///
/// ```java
/// Kademlia dht = Kademlia.builder().validator(new PublicKeyValidator()).build();
/// Host host = Host.builder().identity(key).listen(address).behaviour(dht).build();
/// host.start();
/// dht.bootstrap(List.of(Multiaddr.parse("/ip4/…/tcp/…/p2p/12D3Koo…")));
/// KadResult.Peer found = dht.findPeer(peerId);
/// ```
///
/// A client asks others and answers nobody; a server answers, keeps values for others, and tells so
/// by identify. A process that holds signing keys is a client.
///
/// Operations block, and may be interrupted. Safe for all threads.
public final class Kademlia implements NetworkBehaviour {
    /// Of the public IPFS network, which go serves with the validators `pk` and `ipns` alone.
    public static final String IPFS = "/ipfs/kad/1.0.0";

    /// Of networks of our own.
    public static final String TUTTI = "/tutti/kad/1.0.0";

    /// Open inbound streams of one peer; rust allows itself 32.
    private static final int MAX_STREAMS_PER_PEER = 32;

    /// Whether this node answers.
    public enum Mode {
        CLIENT,
        SERVER
    }

    private final String protocol;
    private final Mode mode;
    private final EngineConfig config;
    private final RecordValidators validators;
    private final boolean privateNetwork;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final @Nullable RoutingTableStorage peerStorage;
    private final @Nullable SeenSequenceStorage seenStorage;

    // Set by the host while it is built; the host's threads and callers read it.
    private final AtomicReference<@Nullable Attached> attached = new AtomicReference<>();

    // Set when the host starts. Volatile: closed by another thread.
    private volatile @Nullable AutoCloseable subscription;

    private record Attached(
            BehaviourContext context,
            KadDriver driver,
            Provisions provisions,
            List<KadPersistence> persistence) {}

    private Kademlia(Builder builder) {
        protocol = builder.protocol;
        mode = builder.mode;
        validators = new RecordValidators(builder.validators);
        privateNetwork = builder.privateNetwork;
        clock = builder.clock;
        random = builder.random;
        peerStorage = builder.peerStorage;
        seenStorage = builder.seenStorage;
        EngineConfig.Builder engine =
                EngineConfig.builder()
                        .k(builder.k)
                        .alpha(builder.alpha)
                        .paths(builder.paths)
                        .server(mode == Mode.SERVER)
                        .refreshInterval(builder.refreshInterval);
        if (privateNetwork) {
            engine.noDiversity();
        } else {
            engine.usable(a -> IpScope.isPublic(a) || isName(a));
        }
        config = engine.build();
    }

    private static boolean isName(Multiaddr address) {
        return switch (address.components().getFirst().protocol()) {
            case DNS, DNS4, DNS6, DNSADDR -> true;
            default -> false;
        };
    }

    /// Begins with a client of `TUTTI` in a network of private addresses, with no validators.
    public static Builder builder() {
        return new Builder();
    }

    // What the host calls.

    @Override
    public List<InboundProtocol> protocols() {
        // kad-dht, and what go does: a client does not advertise the protocol.
        return mode == Mode.CLIENT
                ? List.of()
                : List.of(new InboundProtocol(protocol, MAX_STREAMS_PER_PEER, this::serve));
    }

    private void serve(Stream stream) throws IOException {
        driver().serve(stream);
    }

    @Override
    public void attached(BehaviourContext context) {
        StoredRecords records =
                new StoredRecords(
                        validators,
                        ValueStore.DEFAULT_LIMITS,
                        privateNetwork
                                ? ProviderStore.PRIVATE_LIMITS
                                : ProviderStore.DEFAULT_LIMITS);
        KadDriver driver = new KadDriver(context, protocol, config, records, clock, random);
        Attached fresh =
                new Attached(
                        context,
                        driver,
                        new Provisions(context, clock, random, this::tellProvided),
                        persistence(context, driver));
        if (!attached.compareAndSet(null, fresh)) {
            throw new IllegalStateException("a behaviour belongs to one host");
        }
    }

    private List<KadPersistence> persistence(BehaviourContext context, KadDriver driver) {
        List<KadPersistence> all = new ArrayList<>();
        if (peerStorage != null) {
            all.add(
                    KadPersistence.ofPeers(
                            peerStorage,
                            context.timer(),
                            this::knownPeers,
                            peers -> learn(driver, peers)));
        }
        if (seenStorage != null) {
            all.add(
                    KadPersistence.ofSeen(
                            seenStorage, context.timer(), driver::seen, driver::remember));
        }
        return all;
    }

    private static void learn(KadDriver driver, List<KadPeer> peers) {
        driver.learn(peers.stream().map(k -> Contact.of(k.peer(), k.addresses())).toList());
    }

    private Attached attachment() {
        Attached set = attached.get();
        if (set == null) {
            throw new IllegalStateException(protocol + " belongs to no host yet");
        }
        return set;
    }

    private KadDriver driver() {
        return attachment().driver;
    }

    @Override
    public void started() {
        Attached set = attachment();
        subscription = set.context.subscribe(Identified.class, set.driver::identified);
        set.driver.start();
        set.persistence.forEach(KadPersistence::start);
    }

    @Override
    public void connectionClosed(Connection connection) {
        driver().closed(connection);
    }

    @Override
    public void stopping() {
        Attached set = attachment();
        set.persistence.forEach(KadPersistence::stop);
        set.provisions.close();
        set.driver.stop();
        AutoCloseable known = subscription;
        if (known != null) {
            try {
                known.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    // Operations.

    /// Connects to peers of the network, asks them who is near us, and waits until that is done.
    ///
    /// @param addresses each ends in `/p2p` and the peer's id
    /// @return how many peers are known then
    /// @throws KadException if none of them can be reached and nobody else is known
    public int bootstrap(Collection<Multiaddr> addresses) throws IOException {
        List<Contact> contacts = new ArrayList<>();
        for (Multiaddr address : addresses) {
            PeerId peer =
                    address.peerId()
                            .orElseThrow(
                                    () -> new IllegalArgumentException(address + " names no peer"));
            contacts.add(Contact.of(peer, List.of(address.withoutPeerId())));
        }
        driver().bootstrap(contacts);
        int known = driver().known().size();
        if (known == 0) {
            throw new KadException(
                    KadException.Code.NO_PEERS, "none of " + addresses + " answers " + protocol);
        }
        return known;
    }

    /// Where a peer is reached. It is connected to before it counts as found.
    public KadResult.Peer findPeer(PeerId peer) throws IOException {
        Outcome outcome = run(new Goal.FindPeer(peer));
        return new KadResult.Peer(outcome.peer().map(Kademlia::peer), stats(outcome));
    }

    /// The peers nearest to a key.
    ///
    /// @param key 1 to 80 bytes; a peer's is its raw id
    public KadResult.Closest findClosest(Bytes key) throws IOException {
        Outcome outcome = run(new Goal.FindClosest(requireKey(key)));
        return new KadResult.Closest(peers(outcome.closest()), stats(outcome));
    }

    /// Has the peers nearest to a key keep a value.
    ///
    /// @param key `/NAMESPACE/…`, 80 bytes at most
    /// @throws InvalidRecordException if the value does not belong under the key, or there is no
    ///   validator for its namespace
    /// @throws KadException if nobody keeps it
    public KadResult.Stored put(Bytes key, Bytes value) throws IOException, InvalidRecordException {
        validators.validate(key, value, clock.instant());
        if (value.length() > ValueStore.MAX_VALUE) {
            throw new InvalidRecordException(
                    InvalidRecordException.Code.TOO_LARGE,
                    "value of " + value.length() + " bytes, at most " + ValueStore.MAX_VALUE);
        }
        Outcome outcome = run(new Goal.Put(key, value));
        if (outcome.stored() == 0) {
            throw new KadException(
                    KadException.Code.NOT_STORED,
                    "none of " + outcome.closest().size() + " peers took the value");
        }
        return new KadResult.Stored(outcome.stored(), stats(outcome));
    }

    /// The best value under a key, of all that the nearest peers have.
    ///
    /// @throws InvalidRecordException if there is no validator for the key's namespace
    public KadResult.Value get(Bytes key) throws IOException, InvalidRecordException {
        return get(key, 0);
    }

    /// As the other `get`, ending as soon as so many peers have given a valid value: faster, and
    /// easier to deceive with an old one.
    ///
    /// @param quorum at least 1, or 0 for all
    public KadResult.Value get(Bytes key, int quorum) throws IOException, InvalidRecordException {
        validators.validatorOf(key);
        Outcome outcome = run(new Goal.Get(key, quorum));
        return new KadResult.Value(outcome.value(), stats(outcome));
    }

    /// Tells the peers nearest to a key that this host provides it, and tells it again in time as
    /// long as the host runs, until `stopProviding`.
    ///
    /// @param key a multihash
    public KadResult.Stored provide(Bytes key) throws IOException {
        KadResult.Stored stored = provideOnce(key);
        attachment().provisions.told(key);
        return stored;
    }

    /// Tells nobody again. What others keep expires by itself.
    public void stopProviding(Bytes key) {
        attachment().provisions.remove(key);
    }

    private void tellProvided(Bytes key) throws IOException {
        var _ = provideOnce(key);
    }

    /// As `provide`, once.
    KadResult.Stored provideOnce(Bytes key) throws IOException {
        requireKey(key);
        if (!driver().hasAddress()) {
            throw new KadException(
                    KadException.Code.NO_ADDRESS,
                    "this host has no address at which others of the network could reach it");
        }
        Outcome outcome = run(new Goal.Provide(key));
        if (outcome.stored() == 0) {
            throw new KadException(KadException.Code.NOT_STORED, "nobody could be told");
        }
        return new KadResult.Stored(outcome.stored(), stats(outcome));
    }

    /// Who provides a key.
    ///
    /// @param max after how many it is enough, at most `MAX_PROVIDERS`
    public KadResult.Providers findProviders(Bytes key, int max) throws IOException {
        Outcome outcome = run(new Goal.FindProviders(requireKey(key), max));
        return new KadResult.Providers(peers(outcome.providers()), stats(outcome));
    }

    /// The most providers that one operation gives.
    public static final int MAX_PROVIDERS = KademliaEngine.MAX_PROVIDERS;

    /// Entries under topics: those of others, and this host's own, which it signs.
    ///
    /// @param identity the host's own key
    /// @param sequences of all records that this key signs, in all runs
    /// @throws IllegalArgumentException if the key is not the host's
    public Topics topics(PrivateKey identity, SequenceSource sequences) {
        return new Topics(this, attachment().context, identity, sequences, clock, random);
    }

    /// @throws InvalidRecordException if there is none for the key's namespace
    void requireValidator(Bytes key) throws InvalidRecordException {
        validators.validatorOf(key);
    }

    /// Whom each of the nearest peers names as providers of a key, and this node.
    Survey survey(Bytes key) throws IOException {
        Outcome outcome = run(new Goal.Survey(requireKey(key)));
        return new Survey(outcome.named(), stats(outcome));
    }

    /// @param named by each replica that named anybody
    record Survey(Map<PeerId, List<PeerId>> named, LookupStats stats) {}

    /// The peers of the routing table, in no order.
    public List<KadPeer> knownPeers() {
        return peers(driver().known());
    }

    private Outcome run(Goal goal) throws IOException {
        Outcome outcome = driver().run(goal);
        if (outcome.messages() == 0 && outcome.peer().isEmpty() && driver().known().isEmpty()) {
            throw new KadException(KadException.Code.NO_PEERS, "no peer of the network is known");
        }
        return outcome;
    }

    private static Bytes requireKey(Bytes key) {
        if (key.isEmpty() || key.length() > RecordValidators.MAX_KEY) {
            throw new IllegalArgumentException(
                    "a key of " + key.length() + " bytes, 1 to " + RecordValidators.MAX_KEY);
        }
        return key;
    }

    private static List<KadPeer> peers(List<Contact> contacts) {
        return contacts.stream().map(Kademlia::peer).toList();
    }

    private static KadPeer peer(Contact contact) {
        return new KadPeer(contact.peer(), contact.addresses());
    }

    private static LookupStats stats(Outcome outcome) {
        return new LookupStats(
                outcome.hops(), outcome.messages(), Duration.ofNanos(outcome.nanos()));
    }

    @Override
    public String toString() {
        return protocol;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private String protocol = TUTTI;
        private Mode mode = Mode.CLIENT;
        private int k = 20;
        private int alpha = 10;
        private int paths = 4;
        private boolean privateNetwork = true;
        private final List<RecordValidator> validators = new ArrayList<>();
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = new SecureRandom();
        private Duration refreshInterval = Duration.ofMinutes(5);
        private @Nullable RoutingTableStorage peerStorage;
        private @Nullable SeenSequenceStorage seenStorage;

        private Builder() {}

        /// The protocol id; `TUTTI` unless this is called.
        public Builder protocol(String value) {
            if (!value.startsWith("/")) {
                throw new IllegalArgumentException("a protocol id starts with /: " + value);
            }
            protocol = value;
            return this;
        }

        /// Client unless this is called.
        public Builder mode(Mode value) {
            mode = value;
            return this;
        }

        /// How many peers keep a value; 20 unless this is called, as the spec says.
        public Builder k(int value) {
            k = value;
            return this;
        }

        /// Requests of one look-up on their way at once; 10 unless this is called.
        public Builder alpha(int value) {
            alpha = value;
            return this;
        }

        /// Disjoint paths of one look-up; 4 unless this is called.
        public Builder paths(int value) {
            paths = value;
            return this;
        }

        /// Addresses that are not public are neither looked at nor handed on, and few peers of one
        /// network are kept. Without it, all nodes may stand in one private network.
        public Builder publicNetwork() {
            privateNetwork = false;
            return this;
        }

        /// Adds the validator of one namespace. Values of other namespaces are refused.
        public Builder validator(RecordValidator value) {
            validators.add(value);
            return this;
        }

        /// By which records expire; the system's unless this is called.
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /// For the keys of refreshes: nothing secret.
        public Builder random(RandomGenerator value) {
            random = value;
            return this;
        }

        /// How often the routing table is looked after; 5 min unless this is called.
        public Builder refreshInterval(Duration value) {
            refreshInterval = value;
            return this;
        }

        /// Where the routing table is kept from one run to the next; nowhere unless this is called.
        public Builder routingTable(RoutingTableStorage value) {
            peerStorage = value;
            return this;
        }

        /// Where the sequences of records are kept that this node was shown, so that nobody can
        /// show it older ones after a restart; nowhere unless this is called. Of other validators'
        /// records those that are remembered for longer than signed records are not kept.
        public Builder seenSequences(SeenSequenceStorage value) {
            seenStorage = value;
            return this;
        }

        public Kademlia build() {
            return new Kademlia(this);
        }
    }
}
