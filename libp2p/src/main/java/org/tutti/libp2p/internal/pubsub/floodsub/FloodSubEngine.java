package org.tutti.libp2p.internal.pubsub.floodsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.Incoming;
import org.tutti.libp2p.internal.pubsub.PubsubEngine;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.PubsubOutput.Priority;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.SeenCache;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// FloodSub (libp2p/specs pubsub/gossipsub/gossipsub-v1.0.md, "In the beginning was floodsub"):
/// "every message is forwarded to every peer that is subscribed to its topic", but the one that it
/// came from and its author. Whoever misbehaves loses the score that all protocols share, and is
/// ignored below `GRAYLIST`.
public final class FloodSubEngine implements PubsubEngine {
    public static final String PROTOCOL = "/floodsub/1.0.0";

    /// How long ids are remembered, as in go.
    static final long SEEN_NANOS = 120_000_000_000L;

    /// A peer below it is ignored.
    static final double GRAYLIST = -80;

    /// What the names of the topics of one peer may take, and of all peers.
    static final int MAX_TOPIC_MEMORY = 256 << 10;

    static final int MAX_SUBSCRIPTION_MEMORY = 32 << 20;

    private static final long HEARTBEAT_NANOS = 1_000_000_000L;
    private static final int SUBSCRIPTION = 150;
    private static final double FORGED_MESSAGE_POINTS = 100;
    private static final double POINTS = 10;

    private static final class RemotePeer {
        final Set<String> topics = new LinkedHashSet<>();
        int topicMemory;
        boolean open;
    }

    private final PeerId self;
    private final ToDoubleFunction<PeerId> scores;
    private final Map<PeerId, RemotePeer> peers = new LinkedHashMap<>();
    private final Map<String, Set<PeerId>> subscribers = new HashMap<>();
    private final Set<String> topics = new LinkedHashSet<>();
    private final SeenCache seen;
    private final Incoming incoming;
    private long subscriptionMemory;

    /// @param rising see [SeenCache]
    /// @param scores the score that all protocols of a host share
    public FloodSubEngine(PeerId self, boolean rising, ToDoubleFunction<PeerId> scores) {
        this.self = self;
        this.scores = scores;
        this.seen = new SeenCache(SEEN_NANOS, SeenCache.MAX_MEMORY, rising);
        this.incoming = new Incoming(seen);
    }

    @Override
    public List<String> protocols() {
        return List.of(PROTOCOL);
    }

    @Override
    public long heartbeatNanos() {
        return HEARTBEAT_NANOS;
    }

    @Override
    public Set<PeerId> peers(String topic) {
        return subscribers.getOrDefault(topic, Set.of()).stream()
                .filter(this::isOpen)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Whether it can be sent to.
    private boolean isOpen(PeerId peer) {
        RemotePeer remote = peers.get(peer);
        return remote != null && remote.open;
    }

    @Override
    public List<PubsubOutput> connected(
            PeerId peer, boolean outbound, @Nullable String address, long now) {
        peers.putIfAbsent(peer, new RemotePeer());
        return List.of();
    }

    @Override
    public List<PubsubOutput> streamOpened(PeerId peer, String protocol, long now) {
        RemotePeer remote = peers.get(peer);
        if (remote == null) {
            return List.of();
        }
        remote.open = true;
        if (topics.isEmpty()) {
            return List.of();
        }
        Rpc hello =
                Rpc.subscriptions(
                        topics.stream().map(t -> new SubscriptionChange(true, t)).toList());
        return List.of(new PubsubOutput.Send(peer, hello, Priority.CONTROL));
    }

    @Override
    public List<PubsubOutput> streamClosed(PeerId peer, long now) {
        RemotePeer remote = peers.get(peer);
        if (remote != null) {
            remote.open = false;
        }
        return List.of();
    }

    @Override
    public List<PubsubOutput> disconnected(PeerId peer, long now) {
        RemotePeer remote = peers.remove(peer);
        if (remote != null) {
            for (String topic : List.copyOf(remote.topics)) {
                unsubscribe(peer, remote, topic);
            }
        }
        return List.of();
    }

    @Override
    public List<PubsubOutput> malformed(PeerId peer, String code, long now) {
        return List.of(new PubsubOutput.Penalize(peer, code, POINTS));
    }

    @Override
    public List<PubsubOutput> received(PeerId peer, Rpc rpc, long now) {
        RemotePeer remote = peers.get(peer);
        List<PubsubOutput> out = new ArrayList<>();
        if (remote != null) {
            subscriptions(peer, remote, rpc, out);
        }
        // What one that has left had published before is as good as what others forward.
        if (scores.applyAsDouble(peer) < GRAYLIST) {
            return out;
        }
        for (IdentifiedMessage message : rpc.messages()) {
            message(peer, message.id(), message.message(), out);
        }
        return out;
    }

    private void subscriptions(PeerId peer, RemotePeer remote, Rpc rpc, List<PubsubOutput> out) {
        Map<String, Boolean> last = new LinkedHashMap<>();
        rpc.subscriptions().forEach(change -> last.put(change.topic(), change.subscribe()));
        last.forEach((topic, subscribe) -> {
            boolean changed =
                    subscribe ? subscribe(peer, remote, topic) : unsubscribe(peer, remote, topic);
            if (changed) {
                out.add(new PubsubOutput.PeerTopic(peer, topic, subscribe));
            }
        });
    }

    private static int cost(String topic) {
        return SUBSCRIPTION + 2 * topic.length();
    }

    private boolean subscribe(PeerId peer, RemotePeer remote, String topic) {
        int cost = cost(topic);
        if (remote.topicMemory + cost > MAX_TOPIC_MEMORY
                || subscriptionMemory + cost > MAX_SUBSCRIPTION_MEMORY
                || !remote.topics.add(topic)) {
            return false;
        }
        remote.topicMemory += cost;
        subscriptionMemory += cost;
        subscribers.computeIfAbsent(topic, _ -> new LinkedHashSet<>()).add(peer);
        return true;
    }

    private boolean unsubscribe(PeerId peer, RemotePeer remote, String topic) {
        if (!remote.topics.remove(topic)) {
            return false;
        }
        remote.topicMemory -= cost(topic);
        subscriptionMemory -= cost(topic);
        Set<PeerId> all = subscribers.get(topic);
        if (all != null && all.remove(peer) && all.isEmpty()) {
            subscribers.remove(topic);
        }
        return true;
    }

    private void message(PeerId peer, Bytes id, Message message, List<PubsubOutput> out) {
        if (!topics.contains(message.topic())) {
            return;
        }
        SeenCache.Entry entry = seen.get(id);
        if (entry != null) {
            if (entry.status() == SeenCache.Status.PENDING) {
                seen.forwardedBy(entry, peer);
            }
            return;
        }
        if (message.fromBytes().equals(self.multihash())
                || seen.isOld(message.fromBytes(), message.sequenceNumber())) {
            return;
        }
        PubsubOutput.Verify verify = incoming.received(peer, id, message);
        if (verify != null) {
            out.add(verify);
        }
    }

    @Override
    public List<PubsubOutput> verified(
            PeerId from, Bytes id, Message message, Verification result, long now) {
        Incoming.Verified verified = incoming.verified(id, result == Verification.GOOD, now);
        List<PubsubOutput> out = new ArrayList<>();
        boolean forged = result == Verification.FORGED;
        for (PeerId culprit : verified.culprits()) {
            out.add(
                    new PubsubOutput.Penalize(
                            culprit,
                            forged ? "PUBSUB_FORGED_MESSAGE" : "PUBSUB_INVALID_MESSAGE",
                            forged ? FORGED_MESSAGE_POINTS : POINTS));
        }
        PubsubOutput.Verify again = verified.again();
        if (again != null) {
            out.add(again);
        }
        if (verified.isNew()) {
            out.add(new PubsubOutput.Validate(from, id, message));
        }
        return out;
    }

    @Override
    public List<PubsubOutput> validated(Bytes id, ValidationResult result, long now) {
        Incoming.Judged judged = incoming.validated(id, result, now);
        List<PubsubOutput> out = new ArrayList<>();
        if (judged == null) {
            return out;
        }
        Message message = judged.message();
        switch (result) {
            case ACCEPT -> {
                if (topics.contains(message.topic())) {
                    out.add(new PubsubOutput.Deliver(judged.first(), id, message));
                    send(id, message, judged.forwarders(), Priority.FORWARDED, out);
                }
            }
            case REJECT ->
                    judged.forwarders()
                            .forEach(peer ->
                                    out.add(
                                            new PubsubOutput.Penalize(
                                                    peer, "PUBSUB_INVALID_MESSAGE", POINTS)));
            case IGNORE -> {}
        }
        return out;
    }

    private void send(
            Bytes id,
            Message message,
            Set<PeerId> forwarders,
            Priority priority,
            List<PubsubOutput> out) {
        Rpc rpc = Rpc.message(id, message);
        for (PeerId peer : subscribers.getOrDefault(message.topic(), Set.of())) {
            if (isOpen(peer)
                    && !forwarders.contains(peer)
                    && !peer.multihash().equals(message.fromBytes())) {
                out.add(new PubsubOutput.Send(peer, rpc, priority));
            }
        }
    }

    @Override
    public List<PubsubOutput> subscribe(String topic, long now) {
        return topics.add(topic) ? tell(topic, true) : List.of();
    }

    @Override
    public List<PubsubOutput> unsubscribe(String topic, long now) {
        return topics.remove(topic) ? tell(topic, false) : List.of();
    }

    private List<PubsubOutput> tell(String topic, boolean subscribe) {
        Rpc rpc = Rpc.subscriptions(List.of(new SubscriptionChange(subscribe, topic)));
        List<PubsubOutput> out = new ArrayList<>();
        peers.forEach((peer, remote) -> {
            if (remote.open) {
                out.add(new PubsubOutput.Send(peer, rpc, Priority.CONTROL));
            }
        });
        return out;
    }

    @Override
    public List<PubsubOutput> publish(Bytes id, Message message, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        if (seen.get(id) == null) {
            seen.add(id, message.fromBytes(), message.sequenceNumber(), now)
                    .decide(SeenCache.Status.VALID, now);
            send(id, message, Set.of(), Priority.PUBLISHED, out);
        }
        return out;
    }

    @Override
    public List<PubsubOutput> heartbeat(long now) {
        seen.expire(now);
        return List.of();
    }

    /// How many bytes of memory what peers sent takes, roughly.
    public long memory() {
        return subscriptionMemory + seen.memory() + incoming.memory();
    }
}
