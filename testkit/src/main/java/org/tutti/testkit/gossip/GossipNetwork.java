package org.tutti.testkit.gossip;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.testkit.net.NetworkSettings;
import org.tutti.testkit.net.SimulatedNetwork;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Subscribers of one topic in virtual time, and what an attacker adds. One seed gives one run.
///
/// In a large network every node keeps 20 connections to random others that it dialled, and has as
/// many that others dialled. In a group every member keeps one to every other. Messages have 1,024
/// bytes. What it costs to verify and to send is not simulated.
///
/// For one thread.
public final class GossipNetwork {
    private static final int DIALS = 20;
    private static final int LENGTH = 1_024;
    private static final Duration SETTLE = Duration.ofSeconds(30);

    /// After which nobody gets a message any more that did not get it: it has left all caches.
    private static final Duration LATEST = Duration.ofSeconds(20);

    /// The first byte of a message's data: what the validator says of it.
    private static final byte GOOD = 0;

    private static final byte REJECTED = 1;
    private static final byte IGNORED = 2;

    private final SplittableRandom random;
    private final SimulatedNetwork<Rpc> net;
    private final List<GossipNode> nodes = new ArrayList<>();
    private final Map<PeerId, Integer> numbers = new HashMap<>();

    /// Honest subscribers that run.
    private final List<Integer> honest = new ArrayList<>();

    /// Whom others may dial.
    private final List<Integer> dialable = new ArrayList<>();

    private final Map<Bytes, Tracked> tracked = new HashMap<>();
    private final Hooks hooks = new Hooks();
    private long sequence;

    /// One message that is followed.
    private static final class Tracked {
        private final long published;
        private final Set<Integer> expected;
        private final Map<Integer, Long> arrived = new HashMap<>();
        private long copies;

        private Tracked(long published, Set<Integer> expected) {
            this.published = published;
            this.expected = expected;
        }
    }

    private final class Hooks implements GossipNode.Experiment {
        @Override
        public PeerId id(int number) {
            return nodes.get(number).id();
        }

        @Override
        public int number(PeerId peer) {
            return numbers.getOrDefault(peer, -1);
        }

        @Override
        public String address(int number) {
            return "10.%d.%d.%d".formatted(number >> 16, number >> 8 & 255, number & 255);
        }

        @Override
        public void delivered(int node, Bytes id) {
            Tracked message = tracked.get(id);
            if (message != null) {
                message.arrived.putIfAbsent(node, net.now());
            }
        }

        @Override
        public void copied(int node, Bytes id) {
            Tracked message = tracked.get(id);
            if (message != null && message.expected.contains(node)) {
                message.copies++;
            }
        }

        @Override
        public Optional<Integer> replacement(int node) {
            return grouped || dialable.isEmpty()
                    ? Optional.empty()
                    : Optional.of(dialable.get(random.nextInt(dialable.size())));
        }

        @Override
        public ValidationResult judge(Message message) {
            return switch (message.data().get(0)) {
                case REJECTED -> ValidationResult.REJECT;
                case IGNORED -> ValidationResult.IGNORE;
                default -> ValidationResult.ACCEPT;
            };
        }
    }

    private boolean grouped;

    public GossipNetwork(long seed) {
        this(seed, NetworkSettings.internet());
    }

    /// With other delays and losses.
    public GossipNetwork(long seed, NetworkSettings settings) {
        random = new SplittableRandom(seed);
        net = new SimulatedNetwork<>(settings, seed);
    }

    private int add(PeerId id, GossipNode.Conduct conduct, GossipSubParameters parameters) {
        GossipNode node = new GossipNode(id, hooks, conduct, parameters, random.split());
        int number = net.add(node);
        node.number(number);
        nodes.add(node);
        numbers.put(id, number);
        return number;
    }

    private PeerId randomId() {
        byte[] key = new byte[36];
        random.nextBytes(key);
        return PeerId.ofEncodedKey(Bytes.wrap(key));
    }

    private void join(int number, int dials) {
        for (int i = 0; i < dials && !dialable.isEmpty(); i++) {
            int peer = dialable.get(random.nextInt(dialable.size()));
            if (peer != number) {
                nodes.get(number).want(peer);
            }
        }
        net.start(number);
    }

    /// A large network of strangers: honest subscribers, and others who take part in it and drop
    /// every message, in random order. Waits until the meshes have formed.
    public void grow(int subscribers, int droppers) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < subscribers; i++) {
            int number =
                    add(randomId(), GossipNode.Conduct.HONEST, GossipSubParameters.largeNetwork());
            honest.add(number);
            all.add(number);
        }
        for (int i = 0; i < droppers; i++) {
            all.add(add(randomId(), GossipNode.Conduct.DROPS, GossipSubParameters.largeNetwork()));
        }
        dialable.addAll(all);
        for (int i = all.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int number = all.get(i);
            all.set(i, all.get(other));
            all.set(other, number);
        }
        all.forEach(number -> join(number, DIALS));
        net.run(SETTLE);
    }

    /// A group whose members know each other.
    public void group(int members) {
        grouped = true;
        List<PeerId> ids = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            ids.add(randomId());
        }
        for (PeerId id : ids) {
            List<PeerId> others = ids.stream().filter(o -> !o.equals(id)).toList();
            honest.add(
                    add(
                            id,
                            GossipNode.Conduct.HONEST,
                            GossipSubParameters.group(others, Set.of())));
        }
        for (int one : honest) {
            honest.stream().filter(o -> o != one).forEach(nodes.get(one)::want);
            net.start(one);
        }
        net.run(SETTLE);
    }

    // What happens to members of a group, by their place in it.

    /// It vanishes without a word.
    public void kill(int member) {
        net.stop(honest.get(member));
        honest.remove(/* index */ member);
    }

    /// Every way to it and from it becomes so many times as long. Before the group is there.
    public void slowDown(int member, double factor) {
        net.slowDown(member, factor);
    }

    /// It is cut off for this time.
    public void isolate(int member, Duration time) {
        net.isolate(honest.get(member), time);
    }

    // Messages.

    private Message message(int author, byte kind) {
        ByteBuffer data = ByteBuffer.allocate(LENGTH).put(kind).putLong(sequence);
        return Message.unsigned(
                nodes.get(author).id(), sequence++, GossipNode.TOPIC, Bytes.wrap(data.array()));
    }

    private static Bytes id(Message message) {
        return Bytes.concat(message.fromBytes(), message.sequenceNumber());
    }

    /// Random honest subscribers publish so many messages in this time; each is to reach all others
    /// that are honest and running at its end.
    public Deliveries publish(int count, Duration time) {
        return publish(count, time, honest, Set.of());
    }

    /// A member is cut off, twice: messages of the others are to reach the others, and, the second
    /// time, that member.
    ///
    /// @return the others' deliveries, and those of the one that was cut off
    public List<Deliveries> cutOff(int member, Duration cut, int count, Duration time) {
        Integer victim = honest.get(member);
        List<Integer> others = honest.stream().filter(n -> !n.equals(victim)).toList();
        isolate(member, cut);
        Deliveries theirs = publish(count, time, others, new HashSet<>(others));
        net.run(cut.plus(SETTLE));
        isolate(member, cut);
        return List.of(theirs, publish(count, time, others, Set.of(victim)));
    }

    /// @param authors of the messages
    /// @param only whom to count; all that are honest if empty
    private Deliveries publish(int count, Duration time, List<Integer> authors, Set<Integer> only) {
        List<Tracked> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            net.at(
                    net.now() + time.toNanos() / count * i,
                    () -> {
                        int author = authors.get(random.nextInt(authors.size()));
                        Message message = message(author, GOOD);
                        Set<Integer> expected = new HashSet<>(only.isEmpty() ? honest : only);
                        expected.remove(author);
                        Tracked one = new Tracked(net.now(), expected);
                        tracked.put(id(message), one);
                        messages.add(one);
                        nodes.get(author).publish(id(message), message);
                    });
        }
        net.run(time.plus(LATEST));
        Deliveries deliveries = new Deliveries();
        for (Tracked one : messages) {
            // Whoever left meanwhile need not have it.
            one.expected.removeIf(n -> !net.isRunning(n));
            double[] millis =
                    one.arrived.entrySet().stream()
                            .filter(e -> one.expected.contains(e.getKey()))
                            .mapToDouble(e -> (e.getValue() - one.published) / 1e6)
                            .toArray();
            deliveries.add(one.expected.size(), millis, one.copies);
        }
        tracked.clear();
        return deliveries;
    }

    /// Some of an attacker's nodes publish messages at this rate together for as long: half of them
    /// such as validators reject, half such as they ignore.
    public void spam(int spammers, double perSecond, Duration time) {
        List<Integer> sources = new ArrayList<>();
        for (int i = 0; i < spammers; i++) {
            int number =
                    add(randomId(), GossipNode.Conduct.HONEST, GossipSubParameters.largeNetwork());
            join(number, 2 * DIALS);
            sources.add(number);
        }
        net.run(SETTLE);
        long count = Math.round(perSecond * time.toMillis() / 1e3);
        for (int i = 0; i < count; i++) {
            byte kind = i % 2 == 0 ? REJECTED : IGNORED;
            int source = sources.get(i / 2 % sources.size());
            net.at(
                    net.now() + time.toNanos() / count * i,
                    () -> {
                        Message message = message(source, kind);
                        nodes.get(source).publish(id(message), message);
                    });
        }
    }

    /// A new subscriber that dials so many honest peers, and is dialled by many more who drop
    /// everything; of messages of others, what reaches it.
    public Deliveries eclipse(int honestPeers, int droppers, int messages, Duration time) {
        int victim = add(randomId(), GossipNode.Conduct.HONEST, GossipSubParameters.largeNetwork());
        for (int i = 0; i < droppers; i++) {
            int dropper =
                    add(randomId(), GossipNode.Conduct.DROPS, GossipSubParameters.largeNetwork());
            join(dropper, DIALS);
            nodes.get(dropper).want(victim);
        }
        for (int i = 0; i < honestPeers; i++) {
            nodes.get(victim).want(honest.get(random.nextInt(honest.size())));
        }
        net.start(victim);
        net.run(SETTLE);
        return publish(messages, time, honest, Set.of(victim));
    }

    /// Nodes vanish at random, and as many new ones join, for this time.
    ///
    /// @param perHour which share of the nodes goes in an hour
    public Deliveries churn(double perHour, Duration time, int messages) {
        int count = (int) Math.round(honest.size() * perHour * time.toSeconds() / 3600.0);
        for (int i = 0; i < count; i++) {
            net.at(
                    net.now() + random.nextLong(time.toNanos()),
                    () -> {
                        Integer leaver = honest.remove(/* index */ random.nextInt(honest.size()));
                        dialable.remove(/* element */ leaver);
                        net.stop(leaver);
                        int joiner =
                                add(
                                        randomId(),
                                        GossipNode.Conduct.HONEST,
                                        GossipSubParameters.largeNetwork());
                        join(joiner, DIALS);
                        dialable.add(joiner);
                        // Counted once it had time to join.
                        net.at(net.now() + SETTLE.toNanos(), () -> honest.add(joiner));
                    });
        }
        return publish(messages, time);
    }

    // What it costs.

    /// RPCs between nodes so far.
    public long sent() {
        return net.sent();
    }

    /// A hash of everything that happened.
    public long trace() {
        return net.trace();
    }

    /// Bytes that an engine keeps of what peers sent, by its own account, on average.
    public double meanMemory() {
        return honest.stream().mapToLong(n -> nodes.get(n).engine().memory()).average().orElse(0);
    }

    /// Peers in a mesh, on average.
    public double meanMesh() {
        return honest.stream()
                .mapToInt(n -> nodes.get(n).engine().mesh(GossipNode.TOPIC).size())
                .average()
                .orElse(0);
    }
}
