package org.tutti.testkit.gossip;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.internal.pubsub.gossipsub.GossipSubEngine;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.testkit.net.Actions;
import org.tutti.testkit.net.Node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// One subscriber: the engine, and what its driver does for it. Signatures are taken as good, and
/// the validators answer at once. A stream opens with its connection.
final class GossipNode implements Node<Rpc> {
    static final String TOPIC = "simulated";

    /// What a node does to the messages of others.
    enum Conduct {
        HONEST,
        /// Takes part in everything, and sends no message and no gossip on.
        DROPS
    }

    /// What the experiment has to be told, and asked.
    interface Experiment {
        PeerId id(int number);

        int number(PeerId peer);

        /// In the form that the engine counts peers by.
        String address(int number);

        /// A message has reached a subscriber.
        void delivered(int node, Bytes id);

        /// A copy of a message has reached a node.
        void copied(int node, Bytes id);

        /// Whom to dial in place of a peer that is gone, if anybody.
        Optional<Integer> replacement(int node);

        ValidationResult judge(Message message);
    }

    private final PeerId id;
    private final Experiment experiment;
    private final Conduct conduct;
    private final GossipSubEngine engine;

    /// Peers that this node keeps connected: with what probability it was the one who dialled is
    /// not its choice.
    private final List<Integer> wanted = new ArrayList<>();

    private final Map<Integer, Boolean> connected = new HashMap<>();
    private final long firstHeartbeat;
    private int number = -1;
    private @Nullable Actions<Rpc> net;

    GossipNode(
            PeerId id,
            Experiment experiment,
            Conduct conduct,
            GossipSubParameters parameters,
            RandomGenerator random) {
        this.id = id;
        this.experiment = experiment;
        this.conduct = conduct;
        this.engine =
                new GossipSubEngine(
                        id, parameters, false, random, _ -> 0, _ -> Optional.<Bytes>empty());
        this.firstHeartbeat = random.nextLong(engine.heartbeatNanos());
    }

    PeerId id() {
        return id;
    }

    GossipSubEngine engine() {
        return engine;
    }

    void number(int value) {
        number = value;
    }

    /// Keeps a connection to a peer from now on.
    void want(int peer) {
        wanted.add(peer);
        if (net != null) {
            net.connect(peer);
        }
    }

    boolean isConnected(int peer) {
        return connected.containsKey(peer);
    }

    @Override
    public void started(Actions<Rpc> actions) {
        net = actions;
        connected.clear();
        act(engine.subscribe(TOPIC, actions.now()));
        wanted.forEach(actions::connect);
        actions.wakeAt(actions.now() + firstHeartbeat);
    }

    /// A message of this node's own, to whoever the engine says.
    void publish(Bytes message, Message content) {
        if (net != null) {
            act(engine.publish(message, content, net.now()));
        }
    }

    @Override
    public void received(int peer, Rpc rpc) {
        rpc.messages().forEach(m -> experiment.copied(number, m.id()));
        if (net != null) {
            act(engine.received(experiment.id(peer), rpc, net.now()));
        }
    }

    @Override
    public void connected(int peer, boolean outbound) {
        if (net == null) {
            return;
        }
        connected.put(peer, outbound);
        PeerId remote = experiment.id(peer);
        act(engine.connected(remote, outbound, experiment.address(peer), net.now()));
        act(engine.streamOpened(remote, engine.protocols().getFirst(), net.now()));
    }

    @Override
    public void closed(int peer) {
        if (net == null) {
            return;
        }
        connected.remove(peer);
        PeerId remote = experiment.id(peer);
        act(engine.streamClosed(remote, net.now()));
        act(engine.disconnected(remote, net.now()));
        if (wanted.contains(peer)) {
            net.connect(peer);
        }
    }

    @Override
    public void dialFailed(int peer) {
        if (wanted.remove(/* element */ (Integer) peer)) {
            experiment.replacement(number).ifPresentOrElse(this::want, () -> wanted.add(peer));
        }
    }

    @Override
    public void woken() {
        if (net == null) {
            return;
        }
        act(engine.heartbeat(net.now()));
        for (int peer : wanted) {
            if (!connected.containsKey(peer)) {
                net.connect(peer);
            }
        }
        net.wakeAt(net.now() + engine.heartbeatNanos());
    }

    /// Does what the engine wants done, in order; what that leads to afterwards.
    private void act(List<PubsubOutput> first) {
        Deque<List<PubsubOutput>> pending = new ArrayDeque<>();
        pending.add(first);
        while (!pending.isEmpty()) {
            for (PubsubOutput output : pending.remove()) {
                pending.add(act(output));
            }
        }
    }

    private List<PubsubOutput> act(PubsubOutput output) {
        Actions<Rpc> actions = net;
        if (actions == null) {
            return List.of();
        }
        return switch (output) {
            case PubsubOutput.Send send -> {
                if (conduct == Conduct.HONEST || isHarmless(send)) {
                    actions.send(experiment.number(send.peer()), send.rpc());
                }
                yield List.of();
            }
            case PubsubOutput.Verify verify ->
                    engine.verified(
                            verify.from(),
                            verify.id(),
                            verify.message(),
                            Verification.GOOD,
                            actions.now());
            case PubsubOutput.Validate validate ->
                    engine.validated(
                            validate.id(), experiment.judge(validate.message()), actions.now());
            case PubsubOutput.Deliver deliver -> {
                experiment.delivered(number, deliver.id());
                yield List.of();
            }
            case PubsubOutput.Penalize _,
                    PubsubOutput.Connect _,
                    PubsubOutput.PeerTopic _,
                    PubsubOutput.Mesh _ ->
                    List.of();
        };
    }

    /// What one who drops messages sends all the same: subscriptions, grafts and prunes.
    private static boolean isHarmless(PubsubOutput.Send send) {
        return send.rpc().messages().isEmpty() && send.rpc().control().ihaves().isEmpty();
    }
}
