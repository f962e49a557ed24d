package org.tutti.libp2p.internal.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.ValueStore;
import org.tutti.libp2p.kad.TextValidator;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/// Engines that talk to one another in one thread and in a time of their own: every message takes
/// 10 ms each way.
final class EngineNetwork {
    static final long DELAY = 10_000_000L;
    static final long SECOND = 1_000_000_000L;

    /// Some moment.
    private static final long EPOCH_MILLIS = 1_800_000_000_000L;

    /// Answers in the place of an honest node.
    @FunctionalInterface
    interface Behaviour {
        /// @return null to say nothing
        @Nullable Response answer(Node node, PeerId from, Request request);
    }

    final class Node {
        final PeerId id;
        final Multiaddr address;
        final KademliaEngine engine;
        @Nullable Behaviour hostile;
        boolean down;
        long wake = Long.MAX_VALUE;
        int requests;
        final List<Output.Penalize> penalties = new ArrayList<>();

        Node(PeerId id, Multiaddr address, EngineConfig config) {
            this.id = id;
            this.address = address;
            this.engine =
                    new KademliaEngine(
                            config,
                            id,
                            new StoredRecords(
                                    RecordValidators.of(new TextValidator()),
                                    ValueStore.DEFAULT_LIMITS,
                                    ProviderStore.PRIVATE_LIMITS),
                            new Random(id.hashCode()));
        }

        Contact contact() {
            return Contact.of(id, List.of(address));
        }
    }

    private record Event(long at, long order, Runnable task) {}

    final Map<PeerId, Node> nodes = new HashMap<>();
    final List<Node> list = new ArrayList<>();
    private final Map<Long, Outcome> outcomes = new HashMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((l, r) -> {
                int order = Long.compare(l.at, r.at);
                return order != 0 ? order : Long.compare(l.order, r.order);
            });
    private long order;
    private long nanos;

    Now now() {
        return new Now(nanos, EPOCH_MILLIS + nanos / 1_000_000);
    }

    static PeerId id(int number) {
        byte[] seed = {(byte) number, (byte) (number >> 8), (byte) (number >> 16), 7};
        return PeerId.fromBytes(Multihash.of(HashFunction.SHA2_256, seed).toBytes().toArray());
    }

    Node add(EngineConfig config) {
        int number = list.size() + 1;
        Multiaddr address =
                Multiaddr.parse("/ip4/10.%d.%d.1/tcp/4001".formatted(number / 256, number % 256));
        Node node = new Node(id(number), address, config);
        nodes.put(node.id, node);
        list.add(node);
        return node;
    }

    /// A node that has asked the first one and a few others.
    Node join(EngineConfig config) {
        Node node = add(config);
        if (list.size() > 1) {
            node.engine.join(List.of(list.getFirst().contact()), now());
            settle(node);
            run(2 * SECOND);
        }
        return node;
    }

    /// So many nodes that know one another.
    static EngineNetwork of(int count, EngineConfig config) {
        EngineNetwork network = new EngineNetwork();
        for (int i = 0; i < count; i++) {
            network.join(config);
        }
        return network;
    }

    private void at(long time, Runnable task) {
        events.add(new Event(time, order++, task));
    }

    /// Does what the engine wants done.
    void settle(Node node) {
        for (Output output : node.engine.drain()) {
            switch (output) {
                case Output.Send(long number, Contact to, Request request) ->
                        at(nanos + DELAY, () -> deliver(node, number, to.peer(), request));
                case Output.Dial(long number, Contact to) ->
                        at(
                                nanos + 2 * DELAY,
                                () -> {
                                    Node target = nodes.get(to.peer());
                                    boolean there =
                                            target != null
                                                    && !target.down
                                                    && to.addresses().contains(target.address);
                                    node.engine.dialled(number, there, now());
                                    settle(node);
                                });
                case Output.Finished(long operation, Outcome outcome) ->
                        outcomes.put(operation, outcome);
                case Output.Penalize penalty -> node.penalties.add(penalty);
                case Output.Cancel _, Output.Added _, Output.Removed _ -> {}
            }
        }
        OptionalLong wake = node.engine.wakeAt();
        if (wake.isPresent() && wake.getAsLong() < node.wake) {
            node.wake = wake.getAsLong();
            at(node.wake, () -> tick(node));
        }
    }

    private void tick(Node node) {
        node.wake = Long.MAX_VALUE;
        if (!node.down) {
            node.engine.tick(now());
            settle(node);
        }
    }

    private void deliver(Node from, long number, PeerId to, Request request) {
        Node target = nodes.get(to);
        if (target == null || target.down) {
            at(nanos + DELAY, () -> failed(from, number, Failure.UNREACHABLE));
            return;
        }
        target.requests++;
        target.engine.identified(from.contact(), from.address, true, now());
        settle(target);
        Behaviour hostile = target.hostile;
        if (hostile != null) {
            Response response = hostile.answer(target, from.id, request);
            if (response != null) {
                at(nanos + DELAY, () -> responded(from, number, response));
            }
            return;
        }
        Answer answer = target.engine.answer(from.id, request, now());
        settle(target);
        switch (answer) {
            case Answer.Reply(Response response) ->
                    at(nanos + DELAY, () -> responded(from, number, response));
            case Answer.Taken _ ->
                    at(
                            nanos,
                            () -> {
                                from.engine.written(number, now());
                                settle(from);
                            });
            case Answer.Refused _ ->
                    at(nanos + DELAY, () -> failed(from, number, Failure.NO_ANSWER));
        }
    }

    private void responded(Node node, long number, Response response) {
        node.engine.responded(number, response, now());
        settle(node);
    }

    private void failed(Node node, long number, Failure failure) {
        node.engine.failed(number, failure, now());
        settle(node);
    }

    /// Lets time pass.
    void run(long length) {
        long end = nanos + length;
        while (!events.isEmpty() && events.peek().at <= end) {
            Event next = events.remove();
            nanos = Math.max(nanos, next.at);
            next.task.run();
        }
        nanos = end;
    }

    /// Does what is asked for, in at most two minutes of its time.
    Outcome run(Node node, Goal goal) {
        long number = node.engine.start(goal, now()).orElseThrow();
        settle(node);
        long end = nanos + 120 * SECOND;
        while (!outcomes.containsKey(number)) {
            if (events.isEmpty() || events.peek().at > end) {
                throw new AssertionError("no outcome of " + goal);
            }
            Event next = events.remove();
            nanos = Math.max(nanos, next.at);
            next.task.run();
        }
        Outcome outcome = outcomes.remove(number);
        return outcome;
    }

    /// The ids nearest to a key, of those that are up.
    Set<PeerId> nearest(Bytes key, int count, Node without) {
        Key target = Key.of(key);
        List<PeerId> ids =
                new ArrayList<>(
                        list.stream().filter(n -> !n.down && n != without).map(n -> n.id).toList());
        ids.sort((l, r) -> target.compareDistance(Key.of(l), Key.of(r)));
        return new HashSet<>(ids.subList(0, Math.min(count, ids.size())));
    }
}
