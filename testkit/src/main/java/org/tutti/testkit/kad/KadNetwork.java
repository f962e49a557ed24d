package org.tutti.testkit.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.EngineConfig;
import org.tutti.libp2p.internal.kad.Goal;
import org.tutti.libp2p.internal.kad.Key;
import org.tutti.libp2p.internal.kad.LocalRecords;
import org.tutti.libp2p.internal.kad.Outcome;
import org.tutti.libp2p.internal.kad.StoredRecords;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.ValueStore;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;
import org.tutti.testkit.net.NetworkSettings;
import org.tutti.testkit.net.SimulatedNetwork;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A DHT in virtual time: honest nodes, and what an attacker adds. One seed gives one network.
///
/// Every node has an address in a random place of the IPv4 space, attackers too: limits by address
/// hinder nobody here, which is the attacker's best case. Nodes hold 200 connections, close the one
/// used least recently, and look after their tables as often as they do by themselves.
///
/// For one thread.
public final class KadNetwork {
    private static final int MAX_CONNECTIONS = 200;

    /// Whom a new node is told of.
    private static final int BOOTSTRAP_PEERS = 3;

    private static final Duration A_WHILE = Duration.ofSeconds(60);

    private final SplittableRandom random;
    private final SimulatedNetwork<KadMessage> net;
    private final EngineConfig config;
    private final RecordValidators validators = RecordValidators.of(new SelfCertifying());
    private final Map<PeerId, Integer> numbers = new HashMap<>();
    private final List<KadNode> nodes = new ArrayList<>();
    private final List<KadNode> sybils = new ArrayList<>();

    /// Honest ones that run, by number.
    private final List<Integer> running = new ArrayList<>();

    private final List<Bytes> keys = new ArrayList<>();
    private KeySpace accomplices = new KeySpace(List.of());
    private int named;

    public KadNetwork(long seed) {
        this(seed, EngineConfig.builder().build());
    }

    KadNetwork(long seed, EngineConfig config) {
        this.config = config;
        this.random = new SplittableRandom(seed);
        this.net =
                new SimulatedNetwork<>(
                        NetworkSettings.internet().withMaxConnections(MAX_CONNECTIONS), seed);
    }

    private final class Numbers implements KadNode.Directory {
        @Override
        public int applyAsInt(PeerId peer) {
            return number(peer);
        }

        @Override
        public Contact contact(int number) {
            return nodes.get(number).self();
        }
    }

    private int number(PeerId peer) {
        return numbers.getOrDefault(peer, -1);
    }

    // Nodes.

    private PeerId randomId() {
        byte[] key = new byte[36];
        random.nextBytes(key);
        return PeerId.ofEncodedKey(Bytes.wrap(key));
    }

    /// An id of which so many leading bits of its key are the target's.
    private PeerId groundId(Key target, int bits) {
        while (true) {
            PeerId id = randomId();
            if (Key.of(id).commonPrefix(target) >= bits) {
                return id;
            }
        }
    }

    private Contact contact(PeerId id) {
        String address =
                "/ip4/%d.%d.%d.%d/tcp/4001"
                        .formatted(
                                random.nextInt(1, 224),
                                random.nextInt(256),
                                random.nextInt(256),
                                random.nextInt(1, 255));
        return Contact.of(id, List.of(Multiaddr.parse(address)));
    }

    private LocalRecords records() {
        return new StoredRecords(
                validators, ValueStore.DEFAULT_LIMITS, ProviderStore.DEFAULT_LIMITS);
    }

    private int honest() {
        Contact contact = contact(randomId());
        return enter(new KadNode(contact, new Numbers(), config, records(), random.split()));
    }

    private int sybil(PeerId id) {
        Contact contact = contact(id);
        SybilNode node =
                new SybilNode(
                        contact,
                        new Numbers(),
                        config,
                        records(),
                        random.split(),
                        () -> accomplices);
        sybils.add(node);
        return enter(node);
    }

    private int enter(KadNode node) {
        int number = net.add(node);
        nodes.add(node);
        numbers.put(node.self().peer(), number);
        return number;
    }

    private void conspire() {
        accomplices = new KeySpace(sybils.stream().map(KadNode::self).toList());
    }

    /// Starts a node that is told of a few who run already.
    private void join(int number) {
        List<Contact> known = new ArrayList<>();
        for (int i = 0; i < BOOTSTRAP_PEERS && !running.isEmpty(); i++) {
            known.add(nodes.get(anyHonest()).self());
        }
        nodes.get(number).bootstrap(known);
        net.start(number);
    }

    private int anyHonest() {
        return running.get(random.nextInt(running.size()));
    }

    /// Lets nodes join, one after the other within this time, and waits as long again. Some are an
    /// attacker's, at random among the others.
    public void grow(int honest, int attackers, Duration within) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < honest; i++) {
            all.add(honest());
        }
        for (int i = 0; i < attackers; i++) {
            all.add(sybil(randomId()));
        }
        conspire();
        // The first is honest: somebody has to be there.
        for (int i = all.size() - 1; i > 1; i--) {
            int other = random.nextInt(1, i + 1);
            int number = all.get(i);
            all.set(i, all.get(other));
            all.set(other, number);
        }
        long step = within.toNanos() / Math.max(1, all.size());
        for (int i = 0; i < all.size(); i++) {
            int number = all.get(i);
            net.at(
                    net.now() + i * step,
                    () -> {
                        join(number);
                        if (!(nodes.get(number) instanceof SybilNode)) {
                            running.add(number);
                        }
                    });
        }
        net.run(within.multipliedBy(2).plus(A_WHILE));
    }

    /// Attackers with these ids join at once.
    private void attack(List<PeerId> ids) {
        List<Integer> joining = ids.stream().map(this::sybil).toList();
        conspire();
        long step = Duration.ofSeconds(30).toNanos() / Math.max(1, joining.size());
        for (int i = 0; i < joining.size(); i++) {
            int number = joining.get(i);
            net.at(net.now() + i * step, () -> join(number));
        }
        net.run(A_WHILE);
    }

    /// All of the attacker's nodes vanish, and the others have time to notice.
    public void endAttack(Duration pause) {
        for (KadNode node : sybils) {
            net.stop(number(node.self().peer()));
        }
        sybils.clear();
        conspire();
        net.run(pause);
    }

    /// Nodes vanish at random, and as many new ones join, for this time and so many look-ups spread
    /// over it.
    ///
    /// @param perHour which share of the nodes goes in an hour
    public Sample churn(double perHour, Duration time, int lookups) {
        int count = (int) Math.round(running.size() * perHour * time.toSeconds() / 3600.0);
        for (int i = 0; i < count; i++) {
            net.at(
                    net.now() + random.nextLong(time.toNanos()),
                    () -> {
                        int leaver = running.remove(/* index */ random.nextInt(running.size()));
                        net.stop(leaver);
                        int joiner = honest();
                        join(joiner);
                        // Looked up from, and bootstrapped from, once it had time to join.
                        net.at(net.now() + A_WHILE.toNanos(), () -> running.add(joiner));
                    });
        }
        return lookups(lookups, time);
    }

    // Values.

    private Bytes freshKey() {
        return SelfCertifying.keyOf("value-" + named++);
    }

    /// Random nodes publish so many new values; what was published before is looked up no more.
    ///
    /// @return how often a value was kept by at least one node
    public double publish(int count) {
        keys.clear();
        for (int i = 0; i < count; i++) {
            keys.add(freshKey());
        }
        return publish();
    }

    private double publish() {
        int[] stored = new int[1];
        spread(
                keys.size(),
                Duration.ofMillis(20L * keys.size()),
                i -> {
                    Bytes key = keys.get(i);
                    nodes.get(anyHonest())
                            .start(
                                    new Goal.Put(key, key),
                                    o -> stored[0] += o.stored() > 0 ? 1 : 0);
                });
        return (double) stored[0] / keys.size();
    }

    private void spread(int count, Duration time, java.util.function.IntConsumer task) {
        for (int i = 0; i < count; i++) {
            int index = i;
            net.at(net.now() + time.toNanos() / count * i, () -> task.accept(index));
        }
        net.run(time.plus(A_WHILE));
    }

    /// Random honest nodes look up random values of those published last, which they do not keep
    /// themselves.
    public Sample lookups(int count, Duration time) {
        Sample sample = new Sample();
        List<Integer> unfinished = new ArrayList<>();
        spread(count, time, _ -> lookUp(anyHonest(), sample, unfinished));
        // One that has not ended by now has failed, unless nobody waits for it any more.
        unfinished.stream().filter(net::isRunning).forEach(_ -> sample.attempted());
        return sample;
    }

    /// 100 in a second.
    public Sample lookups(int count) {
        return lookups(count, Duration.ofMillis(10L * count));
    }

    /// @param unfinished who looks something up and has no outcome yet
    private void lookUp(int from, Sample sample, List<Integer> unfinished) {
        KadNode node = nodes.get(from);
        Bytes key = keys.get(random.nextInt(keys.size()));
        for (int i = 0; i < 20 && node.records().value(key, node.now()).isPresent(); i++) {
            key = keys.get(random.nextInt(keys.size()));
        }
        Bytes wanted = key;
        unfinished.add(from);
        node.start(
                // As many answers as there are replicas: nothing cuts the look-up short.
                new Goal.Get(wanted, 0),
                o -> {
                    unfinished.remove(/* element */ (Integer) from);
                    sample.attempted();
                    ended(sample, o.value().filter(wanted::equals).isPresent(), o);
                });
    }

    private static void ended(Sample sample, boolean success, Outcome outcome) {
        sample.ended(success, outcome.hops(), outcome.messages(), outcome.nanos() / 1e6);
    }

    // Attacks.

    /// Attackers with random ids join, so many for each honest node and attacker together that they
    /// are this share of all.
    public void joinSybils(double share) {
        int wanted = (int) Math.round(running.size() * share / (1 - share)) - sybils.size();
        List<PeerId> ids = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            ids.add(randomId());
        }
        attack(ids);
        // So that every node has looked after its table once since.
        net.run(Duration.ofMinutes(6));
    }

    /// For each of so many keys, attackers with ids nearer to it than any honest node's join; then
    /// the keys are published, and looked up.
    ///
    /// @param owned of the 20 nearest nodes
    public Sample targeted(int keyCount, int owned, int lookups) {
        KeySpace honest = honestSpace();
        keys.clear();
        List<PeerId> ids = new ArrayList<>();
        for (int i = 0; i < keyCount; i++) {
            Bytes key = freshKey();
            keys.add(key);
            Key target = Key.of(key);
            int bits = honest.closest(target, 1).getFirst().key().commonPrefix(target) + 1;
            for (int j = 0; j < owned; j++) {
                ids.add(groundId(target, bits));
            }
        }
        attack(ids);
        publish();
        Sample sample = lookups(lookups);
        endAttack(Duration.ofMinutes(2));
        return sample;
    }

    private KeySpace honestSpace() {
        return new KeySpace(running.stream().map(n -> nodes.get(n).self()).toList());
    }

    /// Attackers with ids nearest to a victim's, and others, connect to it at the moment at which
    /// it starts, knowing one honest peer; it looks up what others published, and others look for
    /// it.
    ///
    /// @return its look-ups, and those for it
    public List<Sample> eclipse(int near, int random, int lookups) {
        publish(lookups);
        int victim = honest();
        Key target = nodes.get(victim).self().key();
        int bits = honestSpace().closest(target, 1).getFirst().key().commonPrefix(target) + 1;
        List<PeerId> ids = new ArrayList<>();
        for (int i = 0; i < near; i++) {
            ids.add(groundId(target, bits));
        }
        for (int i = 0; i < random; i++) {
            ids.add(randomId());
        }
        attack(ids);
        nodes.get(victim).bootstrap(List.of(nodes.get(anyHonest()).self()));
        net.start(victim);
        for (KadNode node : sybils) {
            node.connect(victim);
        }
        net.run(Duration.ofMinutes(10));
        Sample own = new Sample();
        List<Integer> unfinished = new ArrayList<>();
        spread(lookups, Duration.ofMillis(100L * lookups), _ -> lookUp(victim, own, unfinished));
        unfinished.forEach(_ -> own.attempted());
        Sample forIt = new Sample();
        PeerId wanted = nodes.get(victim).self().peer();
        spread(
                lookups,
                Duration.ofMillis(100L * lookups),
                _ -> {
                    forIt.attempted();
                    nodes.get(anyHonest())
                            .start(
                                    new Goal.FindPeer(wanted),
                                    o -> ended(forIt, o.peer().isPresent(), o));
                });
        net.stop(victim);
        endAttack(Duration.ofMinutes(2));
        return List.of(own, forIt);
    }

    /// What became of honest providers of one key after an attacker's nodes provided it, too.
    ///
    /// @param found how many of the honest ones a look-up found on average, 0 to 1
    /// @param listed how many providers it found on average
    public record Providers(double found, double listed, Sample sample) {}

    /// Honest nodes provide a key, then so many of an attacker's, whose ids all begin with the same
    /// bits, which lie in one part of the key space: those nearest to the key.
    public Providers shard(int honestProviders, int attackers, int bits, int lookups) {
        Bytes key =
                Multihash.of(
                                HashFunction.SHA2_256,
                                ("shard-" + named++).getBytes(StandardCharsets.US_ASCII))
                        .toBytes();
        List<PeerId> honest = new ArrayList<>();
        spread(
                honestProviders,
                Duration.ofSeconds(10),
                _ -> {
                    KadNode node = nodes.get(anyHonest());
                    honest.add(node.self().peer());
                    node.start(new Goal.Provide(key), _ -> {});
                });
        List<PeerId> ids = new ArrayList<>();
        for (int i = 0; i < attackers; i++) {
            ids.add(groundId(Key.of(key), bits));
        }
        attack(ids);
        List<KadNode> providing = List.copyOf(sybils);
        spread(
                providing.size(),
                Duration.ofSeconds(30),
                i -> providing.get(i).start(new Goal.Provide(key), _ -> {}));
        Sample sample = new Sample();
        double[] sums = new double[2];
        spread(
                lookups,
                Duration.ofMillis(20L * lookups),
                _ -> {
                    sample.attempted();
                    nodes.get(anyHonest())
                            .start(
                                    new Goal.FindProviders(key, 64),
                                    o -> {
                                        List<PeerId> found =
                                                o.providers().stream().map(Contact::peer).toList();
                                        long good =
                                                honest.stream()
                                                        .distinct()
                                                        .filter(found::contains)
                                                        .count();
                                        sums[0] +=
                                                (double) good / honest.stream().distinct().count();
                                        sums[1] += found.size();
                                        ended(sample, good > 0, o);
                                    });
                });
        endAttack(Duration.ofMinutes(2));
        return new Providers(sums[0] / lookups, sums[1] / lookups, sample);
    }

    // What it costs.

    /// Messages between nodes so far, of all kinds.
    public long sent() {
        return net.sent();
    }

    /// A hash of everything that happened.
    public long trace() {
        return net.trace();
    }

    /// Virtual time since the beginning.
    public Duration elapsed() {
        return Duration.ofNanos(net.now());
    }

    /// How many honest nodes run.
    public int size() {
        return running.size();
    }

    /// Peers in a routing table, on average.
    public double meanTable() {
        return running.stream()
                .mapToInt(n -> nodes.get(n).engine().table().size())
                .average()
                .orElse(0);
    }

    /// Which share of the peers in honest tables are the attacker's.
    public double sybilsInTables() {
        long all = 0;
        long bad = 0;
        for (int number : running) {
            for (Contact contact : nodes.get(number).engine().table().contacts()) {
                all++;
                bad += nodes.get(number(contact.peer())) instanceof SybilNode ? 1 : 0;
            }
        }
        return all == 0 ? 0 : (double) bad / all;
    }
}
