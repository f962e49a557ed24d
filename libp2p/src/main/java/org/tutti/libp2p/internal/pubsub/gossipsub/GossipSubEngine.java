package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.Control;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.Incoming;
import org.tutti.libp2p.internal.pubsub.PubsubEngine;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.PubsubOutput.Priority;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.SeenCache;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.MeshDegree;
import org.tutti.libp2p.pubsub.gossipsub.parameters.ScoreThresholds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/// A GossipSub router (libp2p/specs pubsub/gossipsub: v1.0, v1.1, v1.2) as a pure state machine;
/// see [PubsubEngine] for how it is used. Peers that speak FloodSub get everything of their topics.
///
/// It is one file because it is one state: subscriptions, meshes, backoffs and scores decide
/// together. The order is: peers, subscriptions of peers, messages, control messages, our own
/// subscriptions, the heartbeat.
public final class GossipSubEngine implements PubsubEngine {
    /// What a message with a wrong signature takes off the score that all protocols of a host
    /// share: no honest program forwards one.
    static final double FORGED_MESSAGE_POINTS = 100;

    /// What a message takes off it that a validator rejects, or whose fields are not those of the
    /// policy: whoever forwards it is faulty, or set up otherwise.
    static final double INVALID_MESSAGE_POINTS = 10;

    /// What bytes that are no RPC take off it.
    static final double MALFORMED_RPC_POINTS = 10;

    /// What all subscriptions of all peers may take; more of them are ignored.
    static final int MAX_SUBSCRIPTION_MEMORY = 32 << 20;

    /// The most topics to which we publish without being subscribed and whose peers are remembered.
    static final int MAX_FANOUT_TOPICS = 256;

    /// A graft is not tried before the backoff has been over for so many heartbeats
    /// (gossipsub-v1.1.md, "PRUNE Backoff and Peer Exchange": "plus some slack").
    static final int BACKOFF_SLACK = 2;

    /// Peers to which we publish without being subscribed (gossipsub-v1.0.md, "Peering State").
    private static final class Fanout {
        final Set<RemotePeer> peers = new LinkedHashSet<>();
        long publishedAt;
    }

    private final PeerId self;
    private final GossipSubParameters.Values parameters;
    private final MeshDegree degree;
    private final ScoreThresholds thresholds;
    private final RandomGenerator random;
    private final Function<PeerId, Optional<Bytes>> signedRecords;
    private final long heartbeatNanos;

    private final Map<PeerId, RemotePeer> peers = new LinkedHashMap<>();

    /// By topic, the connected peers that are subscribed.
    private final Map<String, Set<RemotePeer>> subscribers = new HashMap<>();

    private long subscriptionMemory;

    /// By topic that we are subscribed to, its mesh.
    private final Map<String, Set<RemotePeer>> meshes = new LinkedHashMap<>();

    private final LinkedHashMap<String, Fanout> fanouts = new LinkedHashMap<>(16, 0.75f, true);
    private final Backoffs backoffs = new Backoffs();
    private final PeerScoring scoring;
    private final SeenCache seen;
    private final Incoming incoming;
    private final MessageCache cache;
    private final GossipPromises promises;
    private long heartbeats;

    /// @param rising whether authors number their messages upwards, and old ones are to be ignored
    ///   however long ago they were seen: see [SeenCache]
    /// @param random where peers are chosen
    /// @param application P5, the score that all protocols of a host share
    /// @param signedRecords sealed peer records for peer exchange, as they came
    public GossipSubEngine(
            PeerId self,
            GossipSubParameters parameters,
            boolean rising,
            RandomGenerator random,
            ToDoubleFunction<PeerId> application,
            Function<PeerId, Optional<Bytes>> signedRecords) {
        this.self = self;
        this.parameters = parameters.values();
        this.degree = this.parameters.degree;
        this.thresholds = this.parameters.score.thresholds();
        this.random = random;
        this.signedRecords = signedRecords;
        this.heartbeatNanos = this.parameters.heartbeatInterval.toNanos();
        this.scoring = new PeerScoring(this.parameters.score, this.parameters.scoring, application);
        this.seen = new SeenCache(this.parameters.seenTtl.toNanos(), SeenCache.MAX_MEMORY, rising);
        this.incoming = new Incoming(seen);
        this.cache =
                new MessageCache(
                        this.parameters.historyLength,
                        this.parameters.historyGossip,
                        MessageCache.MAX_MEMORY);
        this.promises = new GossipPromises(this.parameters.iwantFollowupTime.toNanos());
    }

    // What one may ask.

    @Override
    public List<String> protocols() {
        return Version.protocols();
    }

    @Override
    public long heartbeatNanos() {
        return heartbeatNanos;
    }

    @Override
    public Set<PeerId> peers(String topic) {
        return ids(
                subscribers.getOrDefault(topic, Set.of()).stream()
                        .filter(peer -> peer.version != null)
                        .toList());
    }

    /// The mesh of a topic that we are subscribed to; empty for others.
    public Set<PeerId> mesh(String topic) {
        return ids(meshes.getOrDefault(topic, Set.of()));
    }

    /// The peers to which we publish in a topic that we are not subscribed to.
    public Set<PeerId> fanout(String topic) {
        Fanout fanout = fanouts.get(topic);
        return fanout == null ? Set.of() : ids(fanout.peers);
    }

    /// The topics that we are subscribed to.
    public Set<String> topics() {
        return Collections.unmodifiableSet(meshes.keySet());
    }

    /// The score of a peer, connected or not.
    public double score(PeerId peer) {
        return scoring.score(peer);
    }

    /// How many bytes of memory what peers sent takes, roughly: subscriptions, messages that can be
    /// asked for or are being validated, and ids.
    public long memory() {
        long unwanted = peers.values().stream().mapToLong(RemotePeer::unwantedMemory).sum();
        return subscriptionMemory + cache.memory() + incoming.memory() + seen.memory() + unwanted;
    }

    private static Set<PeerId> ids(Collection<RemotePeer> some) {
        Set<PeerId> ids = LinkedHashSet.newLinkedHashSet(some.size());
        some.forEach(peer -> ids.add(peer.id));
        return ids;
    }

    // Peers.

    @Override
    public List<PubsubOutput> connected(
            PeerId peer, boolean outbound, @Nullable String address, long now) {
        if (!peers.containsKey(peer)) {
            boolean explicit = parameters.explicitPeers.contains(peer);
            peers.put(peer, new RemotePeer(peer, outbound, explicit));
            scoring.connected(peer, address);
        }
        return List.of();
    }

    @Override
    public List<PubsubOutput> streamOpened(PeerId peer, String protocol, long now) {
        RemotePeer remote = peers.get(peer);
        if (remote == null) {
            return List.of();
        }
        remote.version = Version.of(protocol);
        List<PubsubOutput> out = new ArrayList<>();
        if (!meshes.isEmpty()) {
            // pubsub/README.md, "The RPC": what a peer is subscribed to it says when a stream
            // opens.
            List<SubscriptionChange> hello =
                    meshes.keySet().stream()
                            .map(topic -> new SubscriptionChange(true, topic))
                            .toList();
            out.add(send(remote, Rpc.subscriptions(hello), Priority.CONTROL));
        }
        for (String topic : List.copyOf(remote.topics)) {
            welcome(remote, topic, now, out);
        }
        return out;
    }

    @Override
    public List<PubsubOutput> streamClosed(PeerId peer, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        RemotePeer remote = peers.get(peer);
        if (remote != null) {
            leaveAll(remote, out);
            remote.streamClosed();
        }
        return out;
    }

    @Override
    public List<PubsubOutput> disconnected(PeerId peer, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        RemotePeer remote = peers.remove(peer);
        if (remote != null) {
            leaveAll(remote, out);
            for (String topic : List.copyOf(remote.topics)) {
                forgetSubscription(remote, topic);
            }
            promises.left(peer);
            scoring.disconnected(peer, now);
        }
        return out;
    }

    private void leaveAll(RemotePeer remote, List<PubsubOutput> out) {
        meshes.forEach((topic, mesh) -> leaveMesh(remote, topic, mesh, out));
        fanouts.values().forEach(fanout -> fanout.peers.remove(remote));
    }

    private boolean leaveMesh(
            RemotePeer remote, String topic, Set<RemotePeer> mesh, List<PubsubOutput> out) {
        if (!mesh.remove(remote)) {
            return false;
        }
        scoring.pruned(remote.id, topic);
        out.add(new PubsubOutput.Mesh(remote.id, topic, false));
        return true;
    }

    private void joinMesh(
            RemotePeer remote,
            String topic,
            Set<RemotePeer> mesh,
            long now,
            List<PubsubOutput> out) {
        mesh.add(remote);
        scoring.grafted(remote.id, topic, now);
        out.add(new PubsubOutput.Mesh(remote.id, topic, true));
    }

    private static PubsubOutput.Send send(RemotePeer remote, Rpc rpc, Priority priority) {
        return new PubsubOutput.Send(remote.id, rpc, priority);
    }

    private double scoreOf(RemotePeer remote) {
        return scoring.score(remote.id);
    }

    // What peers send.

    @Override
    public List<PubsubOutput> malformed(PeerId peer, String code, long now) {
        scoring.misbehaved(peer, 1);
        return List.of(new PubsubOutput.Penalize(peer, code, MALFORMED_RPC_POINTS));
    }

    @Override
    public List<PubsubOutput> received(PeerId peer, Rpc rpc, long now) {
        RemotePeer remote = peers.get(peer);
        List<PubsubOutput> out = new ArrayList<>();
        if (remote == null) {
            receivedLast(peer, rpc, now, out);
            return out;
        }
        // Before the score is looked at: a peer whose score recovers is subscribed to what it said.
        subscriptions(remote, rpc.subscriptions(), now, out);
        // gossipsub-v1.1.md, "Score Thresholds": "the peer is graylisted and its RPCs are ignored";
        // "Explicit Peering Agreements": "incoming RPCs are always accepted from them".
        double score = scoreOf(remote);
        if (score < thresholds.graylist() && !remote.explicit) {
            return out;
        }
        for (IdentifiedMessage message : rpc.messages()) {
            message(peer, message.id(), message.message(), now, out);
        }
        Control control = rpc.control();
        if (!control.isEmpty()) {
            // "GossipThreshold … gossip from that peer is ignored".
            if (score >= thresholds.gossip() || remote.explicit) {
                ihave(remote, control.ihaves(), now, out);
                iwant(remote, control.iwants(), out);
            }
            graft(remote, control.grafts(), score, now, out);
            prune(remote, control.prunes(), score, now, out);
            idontwant(remote, control.idontwants());
        }
        return out;
    }

    /// Of a peer that has left: what it had published before counts, and nothing that is between it
    /// and us.
    private void receivedLast(PeerId peer, Rpc rpc, long now, List<PubsubOutput> out) {
        if (scoring.score(peer) < thresholds.graylist()
                && !parameters.explicitPeers.contains(peer)) {
            return;
        }
        for (IdentifiedMessage message : rpc.messages()) {
            message(peer, message.id(), message.message(), now, out);
        }
    }

    // Subscriptions of peers.

    private void subscriptions(
            RemotePeer remote, List<SubscriptionChange> changes, long now, List<PubsubOutput> out) {
        // What counts is how it ends: one RPC that subscribes and unsubscribes a thousand times is
        // answered once.
        Map<String, Boolean> last = new LinkedHashMap<>();
        changes.forEach(change -> last.put(change.topic(), change.subscribe()));
        last.forEach((topic, subscribe) -> {
            if (subscribe) {
                subscribed(remote, topic, now, out);
            } else {
                unsubscribed(remote, topic, out);
            }
        });
    }

    private void subscribed(RemotePeer remote, String topic, long now, List<PubsubOutput> out) {
        int cost = RemotePeer.cost(topic);
        if (subscriptionMemory + cost > MAX_SUBSCRIPTION_MEMORY || !remote.subscribe(topic)) {
            return;
        }
        subscriptionMemory += cost;
        subscribers.computeIfAbsent(topic, _ -> new LinkedHashSet<>()).add(remote);
        out.add(new PubsubOutput.PeerTopic(remote.id, topic, true));
        welcome(remote, topic, now, out);
    }

    /// A peer can be sent to, and is subscribed to the topic: it is grafted at once where the mesh
    /// has too few, as rust does, so that the first message need not wait for a heartbeat.
    private void welcome(RemotePeer remote, String topic, long now, List<PubsubOutput> out) {
        Set<RemotePeer> mesh = meshes.get(topic);
        if (mesh == null || !remote.canBeSentTo()) {
            return;
        }
        if (remote.explicit && remote.meshes()) {
            // It may have been away: it is told of all that it can still ask for.
            List<Bytes> ids = cache.ids(topic);
            if (!ids.isEmpty()) {
                List<Bytes> some = ids.subList(0, Math.min(ids.size(), parameters.maxIhaveLength));
                out.add(send(remote, ihaveRpc(topic, some), Priority.GOSSIP));
            }
        } else if (mesh.size() < degree.low() && canGraft(remote, topic, mesh, now)) {
            joinMesh(remote, topic, mesh, now, out);
            out.add(send(remote, Rpc.mesh(List.of(topic), List.of()), Priority.CONTROL));
        }
    }

    private void unsubscribed(RemotePeer remote, String topic, List<PubsubOutput> out) {
        if (forgetSubscription(remote, topic)) {
            Set<RemotePeer> mesh = meshes.get(topic);
            if (mesh != null) {
                leaveMesh(remote, topic, mesh, out);
            }
            Fanout fanout = fanouts.get(topic);
            if (fanout != null) {
                fanout.peers.remove(remote);
            }
            out.add(new PubsubOutput.PeerTopic(remote.id, topic, false));
        }
    }

    private boolean forgetSubscription(RemotePeer remote, String topic) {
        if (!remote.unsubscribe(topic)) {
            return false;
        }
        subscriptionMemory -= RemotePeer.cost(topic);
        Set<RemotePeer> all = subscribers.get(topic);
        if (all != null && all.remove(remote) && all.isEmpty()) {
            subscribers.remove(topic);
        }
        return true;
    }

    // Messages.

    private void message(PeerId from, Bytes id, Message message, long now, List<PubsubOutput> out) {
        if (!meshes.containsKey(message.topic())) {
            return;
        }
        SeenCache.Entry entry = seen.get(id);
        if (entry != null) {
            duplicate(from, message.topic(), entry, now);
            return;
        }
        // Our own, from before we were started anew, or older than what is remembered: an honest
        // peer may forward either, so nobody is penalized.
        if (message.fromBytes().equals(self.multihash())
                || seen.isOld(message.fromBytes(), message.sequenceNumber())) {
            return;
        }
        PubsubOutput.Verify verify = incoming.received(from, id, message);
        if (verify != null) {
            out.add(verify);
        }
    }

    private void duplicate(PeerId from, String topic, SeenCache.Entry entry, long now) {
        switch (entry.status()) {
            case PENDING -> seen.forwardedBy(entry, from);
            case VALID -> {
                if (seen.forwardedBy(entry, from)) {
                    scoring.deliveredAgain(from, topic, now - entry.decidedAt());
                }
            }
            // Under the same id another message may have come, which is not invalid.
            case INVALID, IGNORED -> {}
        }
    }

    @Override
    public List<PubsubOutput> verified(
            PeerId from, Bytes id, Message message, Verification result, long now) {
        Incoming.Verified verified = incoming.verified(id, result == Verification.GOOD, now);
        List<PubsubOutput> out = new ArrayList<>();
        for (PeerId culprit : verified.culprits()) {
            if (result == Verification.FORGED) {
                invalid(
                        culprit,
                        message.topic(),
                        "PUBSUB_FORGED_MESSAGE",
                        FORGED_MESSAGE_POINTS,
                        out);
            } else {
                rejected(culprit, message.topic(), out);
            }
        }
        PubsubOutput.Verify again = verified.again();
        if (again != null) {
            out.add(again);
        }
        if (verified.isNew()) {
            promises.fulfilled(id);
            announce(from, id, message, out);
            out.add(new PubsubOutput.Validate(from, id, message));
        }
        return out;
    }

    /// gossipsub-v1.2.md, "Basic scenario": "When the peer receives the first message instance it
    /// immediately broadcasts (not queue for later piggybacking) IDONTWANT with the messageId to
    /// all its mesh peers. This could be performed prior to the message validation". But not prior
    /// to the check of its signature: whoever makes up an id would keep the message away from us.
    private void announce(PeerId from, Bytes id, Message message, List<PubsubOutput> out) {
        if (message.dataLength() < parameters.idontwantThreshold) {
            return;
        }
        Set<RemotePeer> mesh = meshes.get(message.topic());
        if (mesh == null) {
            return;
        }
        Rpc rpc = Rpc.idontwant(List.of(id));
        for (RemotePeer remote : mesh) {
            announce(remote, from, message, rpc, out);
        }
        for (RemotePeer remote : subscribers.getOrDefault(message.topic(), Set.of())) {
            if (remote.explicit) {
                announce(remote, from, message, rpc, out);
            }
        }
    }

    private static void announce(
            RemotePeer remote, PeerId from, Message message, Rpc rpc, List<PubsubOutput> out) {
        if (remote.version == Version.V1_2
                && !remote.id.equals(from)
                && !remote.id.multihash().equals(message.fromBytes())) {
            out.add(send(remote, rpc, Priority.GOSSIP));
        }
    }

    private void rejected(PeerId peer, String topic, List<PubsubOutput> out) {
        invalid(peer, topic, "PUBSUB_INVALID_MESSAGE", INVALID_MESSAGE_POINTS, out);
    }

    private void invalid(
            PeerId peer, String topic, String code, double points, List<PubsubOutput> out) {
        scoring.invalid(peer, topic);
        out.add(new PubsubOutput.Penalize(peer, code, points));
    }

    @Override
    public List<PubsubOutput> validated(Bytes id, ValidationResult result, long now) {
        Incoming.Judged judged = incoming.validated(id, result, now);
        List<PubsubOutput> out = new ArrayList<>();
        if (judged == null) {
            return out;
        }
        Message message = judged.message();
        String topic = message.topic();
        switch (result) {
            case ACCEPT -> {
                scoring.deliveredFirst(judged.first(), topic);
                for (PeerId other : judged.forwarders()) {
                    if (!other.equals(judged.first())) {
                        scoring.deliveredAgain(other, topic, 0);
                    }
                }
                if (meshes.containsKey(topic)) {
                    out.add(new PubsubOutput.Deliver(judged.first(), id, message));
                    cache.put(id, message);
                    forward(id, message, judged.forwarders(), out);
                }
            }
            case REJECT -> judged.forwarders().forEach(peer -> rejected(peer, topic, out));
            case IGNORE -> {}
        }
        return out;
    }

    /// gossipsub-v1.0.md, "Message Processing": to the mesh, but not "to the peer that we received
    /// it from, nor to its origin"; to explicit peers, and to peers that speak FloodSub.
    private void forward(
            Bytes id, Message message, Set<PeerId> forwarders, List<PubsubOutput> out) {
        Set<RemotePeer> mesh = meshes.getOrDefault(message.topic(), Set.of());
        Rpc rpc = Rpc.message(id, message);
        for (RemotePeer remote : mesh) {
            forward(remote, id, message, forwarders, rpc, out);
        }
        for (RemotePeer remote : subscribers.getOrDefault(message.topic(), Set.of())) {
            boolean floods =
                    remote.version == Version.FLOODSUB && scoreOf(remote) >= thresholds.publish();
            if ((remote.explicit || floods) && !mesh.contains(remote)) {
                forward(remote, id, message, forwarders, rpc, out);
            }
        }
    }

    private static void forward(
            RemotePeer remote,
            Bytes id,
            Message message,
            Set<PeerId> forwarders,
            Rpc rpc,
            List<PubsubOutput> out) {
        // gossipsub-v1.2.md: "the peers found in dont_send_message_ids MUST be skipped".
        if (remote.canBeSentTo()
                && !forwarders.contains(remote.id)
                && !remote.id.multihash().equals(message.fromBytes())
                && remote.wants(id)) {
            out.add(send(remote, rpc, Priority.FORWARDED));
        }
    }

    @Override
    public List<PubsubOutput> publish(Bytes id, Message message, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        if (seen.get(id) != null) {
            return out;
        }
        seen.add(id, message.fromBytes(), message.sequenceNumber(), now)
                .decide(SeenCache.Status.VALID, now);
        cache.put(id, message);
        Rpc rpc = Rpc.message(id, message);
        for (RemotePeer remote : publishTargets(message.topic(), now)) {
            if (remote.canBeSentTo() && remote.wants(id)) {
                out.add(send(remote, rpc, Priority.PUBLISHED));
            }
        }
        return out;
    }

    /// gossipsub-v1.1.md, "Flood Publishing"; gossipsub-v1.0.md, "Message Processing".
    private Collection<RemotePeer> publishTargets(String topic, long now) {
        Set<RemotePeer> all = subscribers.getOrDefault(topic, Set.of());
        Set<RemotePeer> targets = new LinkedHashSet<>();
        Set<RemotePeer> mesh = meshes.get(topic);
        for (RemotePeer remote : all) {
            boolean always = parameters.floodPublish || remote.version == Version.FLOODSUB;
            if (remote.explicit || (always && scoreOf(remote) >= thresholds.publish())) {
                targets.add(remote);
            }
        }
        if (parameters.floodPublish) {
            return targets;
        }
        if (mesh == null) {
            targets.addAll(fanoutPeers(topic, now));
            return targets;
        }
        targets.addAll(mesh);
        if (mesh.size() < degree.target()) {
            // A mesh that is not complete yet, as in rust.
            targets.addAll(
                    choose(
                            all,
                            degree.target() - mesh.size(),
                            p ->
                                    p.meshes()
                                            && !mesh.contains(p)
                                            && scoreOf(p) >= thresholds.publish()));
        }
        return targets;
    }

    private Collection<RemotePeer> fanoutPeers(String topic, long now) {
        Fanout fanout = fanouts.computeIfAbsent(topic, _ -> new Fanout());
        fanout.publishedAt = now;
        if (fanouts.size() > MAX_FANOUT_TOPICS) {
            fanouts.pollFirstEntry();
        }
        fillFanout(topic, fanout);
        return fanout.peers;
    }

    private void fillFanout(String topic, Fanout fanout) {
        fanout.peers.addAll(
                choose(
                        subscribers.getOrDefault(topic, Set.of()),
                        degree.target() - fanout.peers.size(),
                        p ->
                                p.meshes()
                                        && !p.explicit
                                        && !fanout.peers.contains(p)
                                        && scoreOf(p) >= thresholds.publish()));
    }

    /// At most so many of them that are eligible, at random.
    private List<RemotePeer> choose(
            Collection<RemotePeer> some, int count, Predicate<RemotePeer> eligible) {
        if (count <= 0) {
            return List.of();
        }
        List<RemotePeer> chosen = new ArrayList<>();
        for (RemotePeer remote : some) {
            if (eligible.test(remote)) {
                chosen.add(remote);
            }
        }
        Collections.shuffle(chosen, shuffler());
        return chosen.size() <= count ? chosen : chosen.subList(0, count);
    }

    private java.util.Random shuffler() {
        return java.util.Random.from(random);
    }

    // Control messages of peers.

    /// gossipsub-v1.0.md, "IHAVE"; gossipsub-v1.1.md, "Spam Protection Measures".
    private void ihave(
            RemotePeer remote, List<Control.Ihave> ihaves, long now, List<PubsubOutput> out) {
        if (ihaves.isEmpty()) {
            return;
        }
        // "IHAVE messages are capped to a certain number … and aggregate number of message IDs
        // advertised per heartbeat … additional IHAVE messages are ignored".
        remote.ihaveRpcs++;
        int room = parameters.maxIhaveLength - remote.idsAsked;
        if (remote.ihaveRpcs > parameters.maxIhaveMessages || room <= 0) {
            return;
        }
        Set<Bytes> unknown = new LinkedHashSet<>();
        for (Control.Ihave ihave : ihaves) {
            if (meshes.containsKey(ihave.topic())) {
                for (Bytes id : ihave.ids()) {
                    if (seen.get(id) == null && !incoming.isChecked(id)) {
                        unknown.add(id);
                    }
                }
            }
        }
        if (unknown.isEmpty()) {
            return;
        }
        List<Bytes> asked = new ArrayList<>(unknown);
        Collections.shuffle(asked, shuffler());
        asked = List.copyOf(asked.subList(0, Math.min(room, asked.size())));
        remote.idsAsked += asked.size();
        // "For each IHAVE advertisement which elicits an IWANT request, the router tracks a random
        // message ID within the advertised set."
        if (remote.canBeSentTo()) {
            promises.add(remote.id, asked.get(random.nextInt(asked.size())), now);
            out.add(send(remote, Rpc.iwant(asked), Priority.CONTROL));
        }
    }

    /// gossipsub-v1.0.md, "IWANT"; gossipsub-v1.1.md, "Spam Protection Measures": "limited in the
    /// number of retransmissions to a certain peer".
    private void iwant(RemotePeer remote, List<Bytes> ids, List<PubsubOutput> out) {
        if (!remote.canBeSentTo()) {
            return;
        }
        for (Bytes id : new LinkedHashSet<>(ids)) {
            if (remote.idsServed >= parameters.maxIhaveLength) {
                return;
            }
            Message message =
                    remote.wants(id)
                            ? cache.take(id, remote.id, parameters.gossipRetransmission)
                            : null;
            if (message != null) {
                remote.idsServed++;
                out.add(send(remote, Rpc.message(id, message), Priority.FORWARDED));
            }
        }
    }

    /// gossipsub-v1.2.md, "IDONTWANT Message": "the number of IDONTWANT control messages is limited
    /// to max_idontwant_messages per heartbeat"; it is never penalized.
    private void idontwant(RemotePeer remote, List<Bytes> ids) {
        if (ids.isEmpty()) {
            return;
        }
        remote.idontwantRpcs++;
        if (remote.idontwantRpcs > parameters.maxIdontwantMessages) {
            return;
        }
        for (Bytes id : ids) {
            if (remote.idontwantIds >= parameters.maxIdontwantLength) {
                return;
            }
            remote.idontwantIds++;
            remote.doesNotWant(id, heartbeats + parameters.idontwantTtl);
        }
    }

    private void graft(
            RemotePeer remote,
            List<String> topics,
            double score,
            long now,
            List<PubsubOutput> out) {
        if (topics.isEmpty()) {
            return;
        }
        List<Control.Prune> prunes = new ArrayList<>();
        // Each topic once: one RPC with a thousand grafts is answered as one with one.
        for (String topic : new LinkedHashSet<>(topics)) {
            Set<RemotePeer> mesh = meshes.get(topic);
            // "Spam Protection Measures": "GRAFT messages for unknown topics are ignored".
            if (mesh == null || mesh.contains(remote)) {
                continue;
            }
            Refusal refusal = refusal(remote, topic, mesh, score, now);
            switch (refusal) {
                case NONE -> joinMesh(remote, topic, mesh, now, out);
                case EXPLICIT, BACKOFF, SCORE -> prunes.add(pruneOf(remote, topic, false, now));
                case FULL -> prunes.add(pruneOf(remote, topic, true, now));
            }
        }
        if (!prunes.isEmpty() && remote.canBeSentTo()) {
            out.add(send(remote, Rpc.mesh(List.of(), prunes), Priority.CONTROL));
        }
    }

    /// Why a graft is answered by a prune.
    private enum Refusal {
        NONE,
        EXPLICIT,
        BACKOFF,
        SCORE,
        FULL
    }

    private Refusal refusal(
            RemotePeer remote, String topic, Set<RemotePeer> mesh, double score, long now) {
        // "Explicit Peering Agreements": "It is an error to GRAFT on an explicit peer, and such an
        // attempt should be logged and rejected with a PRUNE".
        if (remote.explicit) {
            return Refusal.EXPLICIT;
        }
        long remaining = backoffs.remaining(topic, remote.id, now);
        if (remaining > 0) {
            // "PRUNE Backoff": "immediately prune a GRAFT within the backoff period and extend it …
            // may apply a behavioural penalty"; as in go twice where it comes at once.
            long early =
                    parameters.pruneBackoff.toNanos() - parameters.graftFloodThreshold.toNanos();
            scoring.misbehaved(remote.id, remaining > early ? 2 : 1);
            return Refusal.BACKOFF;
        }
        if (score < 0) {
            return Refusal.SCORE;
        }
        // "Outbound Mesh Quotas": "with mesh degree at D_hi or higher, it only accepts the new peer
        // in the mesh if it is an outbound connection".
        return mesh.size() >= degree.high() && !remote.outbound ? Refusal.FULL : Refusal.NONE;
    }

    /// A prune that we send, and its backoff.
    private Control.Prune pruneOf(RemotePeer remote, String topic, boolean exchange, long now) {
        return pruneOf(remote, topic, exchange, parameters.pruneBackoff.toNanos(), now);
    }

    private Control.Prune pruneOf(
            RemotePeer remote, String topic, boolean exchange, long backoff, long now) {
        backoffs.add(topic, remote.id, now + backoff);
        if (remote.version == Version.V1_0) {
            // gossipsub-v1.0.md, "PRUNE": a topic alone.
            return new Control.Prune(topic, List.of(), 0);
        }
        List<Control.ExchangedPeer> named = List.of();
        // "Score Thresholds": "no PX information is emitted towards those peers … only peers with
        // non-negative scores are exchanged".
        if (exchange && parameters.peerExchange && scoreOf(remote) >= 0) {
            named =
                    choose(
                                    subscribers.getOrDefault(topic, Set.of()),
                                    parameters.prunePeers,
                                    p -> p != remote && p.meshes() && scoreOf(p) >= 0)
                            .stream()
                            .map(p ->
                                    new Control.ExchangedPeer(
                                            p.id.multihash(),
                                            signedRecords.apply(p.id).orElse(null)))
                            .toList();
        }
        return new Control.Prune(topic, named, Math.max(1, backoff / 1_000_000_000L));
    }

    private void prune(
            RemotePeer remote,
            List<Control.Prune> prunes,
            double score,
            long now,
            List<PubsubOutput> out) {
        for (Control.Prune prune : prunes) {
            Set<RemotePeer> mesh = meshes.get(prune.topic());
            if (mesh == null) {
                continue;
            }
            leaveMesh(remote, prune.topic(), mesh, out);
            backoffs.add(prune.topic(), remote.id, now + backoffNanos(prune.backoffSeconds()));
            // "PX is ignored from" peers below the threshold.
            if (!prune.peers().isEmpty()
                    && score >= thresholds.acceptPeerExchange()
                    && score >= 0) {
                exchanged(prune.peers(), out);
            }
        }
    }

    /// What a peer asks for in seconds, unsigned, and no more than `maxBackoff`: computing with
    /// more is how others were crashed.
    private long backoffNanos(long seconds) {
        if (seconds == 0) {
            return parameters.pruneBackoff.toNanos();
        }
        long most = parameters.maxBackoff.toNanos();
        return Long.compareUnsigned(seconds, parameters.maxBackoff.toSeconds()) >= 0
                ? most
                : seconds * 1_000_000_000L;
    }

    /// "PRUNE Backoff and Peer Exchange": "a set of other peers where the pruned peer can connect".
    private void exchanged(List<Control.ExchangedPeer> named, List<PubsubOutput> out) {
        List<Control.ExchangedPeer> some = new ArrayList<>(named);
        Collections.shuffle(some, shuffler());
        int left = parameters.prunePeers;
        for (Control.ExchangedPeer peer : some) {
            if (left == 0) {
                return;
            }
            try {
                PeerId id = new PeerId(peer.peerId());
                if (!id.equals(self) && !peers.containsKey(id)) {
                    out.add(new PubsubOutput.Connect(id, peer.signedRecord()));
                    left--;
                }
            } catch (MultiformatException e) {
                // No peer: the next one may be.
            }
        }
    }

    // Our own subscriptions.

    /// gossipsub-v1.0.md, "Topic Membership".
    @Override
    public List<PubsubOutput> subscribe(String topic, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        if (meshes.containsKey(topic)) {
            return out;
        }
        Set<RemotePeer> mesh = new LinkedHashSet<>();
        meshes.put(topic, mesh);
        tellSubscription(topic, true, out);
        // "JOIN(topic)": peers of the fanout first.
        Fanout fanout = fanouts.remove(topic);
        if (fanout != null) {
            for (RemotePeer remote : fanout.peers) {
                if (mesh.size() < degree.target() && canGraft(remote, topic, mesh, now)) {
                    joinMesh(remote, topic, mesh, now, out);
                }
            }
        }
        for (RemotePeer remote :
                choose(
                        subscribers.getOrDefault(topic, Set.of()),
                        degree.target() - mesh.size(),
                        p -> canGraft(p, topic, mesh, now))) {
            joinMesh(remote, topic, mesh, now, out);
        }
        Rpc graft = Rpc.mesh(List.of(topic), List.of());
        mesh.forEach(remote -> out.add(send(remote, graft, Priority.CONTROL)));
        return out;
    }

    /// "LEAVE(topic)", and gossipsub-v1.1.md, "PRUNE Backoff": "A shorter backoff period can be
    /// used in case of an unsubscribe event".
    @Override
    public List<PubsubOutput> unsubscribe(String topic, long now) {
        List<PubsubOutput> out = new ArrayList<>();
        Set<RemotePeer> mesh = meshes.remove(topic);
        if (mesh == null) {
            return out;
        }
        tellSubscription(topic, false, out);
        long backoff = parameters.unsubscribeBackoff.toNanos();
        for (RemotePeer remote : List.copyOf(mesh)) {
            leaveMesh(remote, topic, mesh, out);
            Control.Prune prune = pruneOf(remote, topic, false, backoff, now);
            out.add(send(remote, Rpc.mesh(List.of(), List.of(prune)), Priority.CONTROL));
        }
        return out;
    }

    private void tellSubscription(String topic, boolean subscribe, List<PubsubOutput> out) {
        Rpc rpc = Rpc.subscriptions(List.of(new SubscriptionChange(subscribe, topic)));
        for (RemotePeer remote : peers.values()) {
            if (remote.canBeSentTo()) {
                out.add(send(remote, rpc, Priority.CONTROL));
            }
        }
    }

    /// Whether we may graft it.
    private boolean canGraft(RemotePeer remote, String topic, Set<RemotePeer> mesh, long now) {
        return remote.meshes()
                && !remote.explicit
                && !mesh.contains(remote)
                && !backoffs.lasts(topic, remote.id, now - BACKOFF_SLACK * heartbeatNanos)
                && scoreOf(remote) >= 0;
    }

    // The heartbeat.

    /// Grafts and prunes of one heartbeat, by peer: one RPC each.
    private static final class MeshChanges {
        private final Map<RemotePeer, List<String>> grafts = new LinkedHashMap<>();
        private final Map<RemotePeer, List<Control.Prune>> prunes = new LinkedHashMap<>();

        void graft(RemotePeer remote, String topic) {
            grafts.computeIfAbsent(remote, _ -> new ArrayList<>()).add(topic);
        }

        void prune(RemotePeer remote, Control.Prune prune) {
            prunes.computeIfAbsent(remote, _ -> new ArrayList<>()).add(prune);
        }

        void send(List<PubsubOutput> out) {
            Set<RemotePeer> all = new LinkedHashSet<>(grafts.keySet());
            all.addAll(prunes.keySet());
            for (RemotePeer remote : all) {
                Rpc rpc =
                        Rpc.mesh(
                                List.copyOf(grafts.getOrDefault(remote, List.of())),
                                List.copyOf(prunes.getOrDefault(remote, List.of())));
                out.add(GossipSubEngine.send(remote, rpc, Priority.CONTROL));
            }
        }
    }

    @Override
    public List<PubsubOutput> heartbeat(long now) {
        List<PubsubOutput> out = new ArrayList<>();
        heartbeats++;
        scoring.tick(now);
        // "a behavioural penalty is applied to the advertising peer through P₇".
        promises.broken(now).forEach(scoring::misbehaved);
        peers.values().forEach(remote -> remote.heartbeat(heartbeats));
        seen.expire(now);
        backoffs.expire(now - BACKOFF_SLACK * heartbeatNanos);
        connectExplicit(out);
        MeshChanges changes = new MeshChanges();
        List<PubsubOutput> gossip = new ArrayList<>();
        meshes.forEach((topic, mesh) -> {
            maintain(topic, mesh, changes, now, out);
            gossip(topic, mesh, gossip);
        });
        maintainFanouts(now, gossip);
        changes.send(out);
        out.addAll(gossip);
        cache.shift();
        return out;
    }

    /// "Explicit Peering Agreements": "initially established when the router boots, and are
    /// periodically checked".
    private void connectExplicit(List<PubsubOutput> out) {
        if (heartbeats % parameters.directConnectTicks == 1 || parameters.directConnectTicks == 1) {
            for (PeerId peer : parameters.explicitPeers) {
                if (!peers.containsKey(peer) && !peer.equals(self)) {
                    out.add(new PubsubOutput.Connect(peer, null));
                }
            }
        }
    }

    /// gossipsub-v1.0.md, "Mesh Maintenance"; gossipsub-v1.1.md, "Heartbeat Maintenance".
    private void maintain(
            String topic,
            Set<RemotePeer> mesh,
            MeshChanges changes,
            long now,
            List<PubsubOutput> out) {
        Map<RemotePeer, Double> scores = new HashMap<>();
        mesh.forEach(remote -> scores.put(remote, scoreOf(remote)));
        // "Peers with a negative score are pruned from all meshes", without peer exchange.
        for (RemotePeer remote : List.copyOf(mesh)) {
            if (scores.getOrDefault(remote, 0.0) < 0) {
                leaveMesh(remote, topic, mesh, out);
                changes.prune(remote, pruneOf(remote, topic, false, now));
            }
        }
        if (mesh.size() < degree.low()) {
            graft(topic, mesh, degree.target() - mesh.size(), _ -> true, changes, now, out);
        }
        if (mesh.size() > degree.high()) {
            for (RemotePeer remote : surplus(mesh, scores)) {
                leaveMesh(remote, topic, mesh, out);
                changes.prune(remote, pruneOf(remote, topic, true, now));
            }
        }
        // "Outbound Mesh Quotas": "if the peer already has at least D_lo peers in the mesh but not
        // enough outbound connections, then it selects as many needed peers to fill the quota".
        long outbound = mesh.stream().filter(p -> p.outbound).count();
        if (mesh.size() >= degree.low() && outbound < degree.out()) {
            int needed = degree.out() - (int) outbound;
            graft(topic, mesh, needed, p -> p.outbound, changes, now, out);
        }
        if (heartbeats % parameters.opportunisticGraftTicks == 0 && mesh.size() > 1) {
            opportunisticGraft(topic, mesh, changes, now, out);
        }
    }

    private void graft(
            String topic,
            Set<RemotePeer> mesh,
            int count,
            Predicate<RemotePeer> eligible,
            MeshChanges changes,
            long now,
            List<PubsubOutput> out) {
        for (RemotePeer remote :
                choose(
                        subscribers.getOrDefault(topic, Set.of()),
                        count,
                        p -> eligible.test(p) && canGraft(p, topic, mesh, now))) {
            joinMesh(remote, topic, mesh, now, out);
            changes.graft(remote, topic);
        }
    }

    /// Who leaves a mesh that has too many: "the peer keeps the best D_score scoring peers and
    /// selects the remaining peers to keep at random … under the constraint that D_out peers are
    /// outbound connections".
    private List<RemotePeer> surplus(Set<RemotePeer> mesh, Map<RemotePeer, Double> scores) {
        List<RemotePeer> ranked = new ArrayList<>(mesh);
        Collections.shuffle(ranked, shuffler());
        ranked.sort(
                Comparator.comparingDouble((RemotePeer p) -> scores.getOrDefault(p, 0.0))
                        .reversed());
        int best = Math.min(degree.score(), degree.target());
        Collections.shuffle(ranked.subList(best, ranked.size()), shuffler());
        List<RemotePeer> kept = new ArrayList<>(ranked.subList(0, degree.target()));
        List<RemotePeer> others = new ArrayList<>(ranked.subList(degree.target(), ranked.size()));
        int missing = degree.out() - (int) kept.stream().filter(p -> p.outbound).count();
        // "we replace the random and lower scoring peers in the selection with outbound connection
        // peers".
        for (int i = kept.size() - 1; i >= 0 && missing > 0; i--) {
            Optional<RemotePeer> outbound = others.stream().filter(p -> p.outbound).findFirst();
            if (!kept.get(i).outbound && outbound.isPresent()) {
                others.remove(outbound.get());
                others.add(kept.set(i, outbound.get()));
                missing--;
            }
        }
        return others;
    }

    /// gossipsub-v1.1.md, "Opportunistic Grafting".
    private void opportunisticGraft(
            String topic,
            Set<RemotePeer> mesh,
            MeshChanges changes,
            long now,
            List<PubsubOutput> out) {
        List<Double> scores = mesh.stream().map(this::scoreOf).sorted().toList();
        double median = scores.get(scores.size() / 2);
        if (median < thresholds.opportunisticGraft()) {
            graft(
                    topic,
                    mesh,
                    parameters.opportunisticGraftPeers,
                    p -> scoreOf(p) > median,
                    changes,
                    now,
                    out);
        }
    }

    /// gossipsub-v1.0.md, "Gossip Emission"; gossipsub-v1.1.md, "Adaptive Gossip Dissemination".
    private void gossip(String topic, Set<RemotePeer> exclude, List<PubsubOutput> out) {
        List<Bytes> ids = cache.gossipIds(topic);
        if (ids.isEmpty()) {
            return;
        }
        List<RemotePeer> eligible =
                choose(
                        subscribers.getOrDefault(topic, Set.of()),
                        Integer.MAX_VALUE,
                        p ->
                                p.meshes()
                                        && !p.explicit
                                        && !exclude.contains(p)
                                        && scoreOf(p) >= thresholds.gossip());
        int count = Math.max(degree.lazy(), (int) (parameters.gossipFactor * eligible.size()));
        boolean all = ids.size() <= parameters.maxIhaveLength;
        Rpc shared = all ? ihaveRpc(topic, ids) : null;
        for (RemotePeer remote : eligible.subList(0, Math.min(count, eligible.size()))) {
            if (shared != null) {
                out.add(send(remote, shared, Priority.GOSSIP));
            } else {
                // Each peer hears of others where there are too many for one.
                List<Bytes> some = new ArrayList<>(ids);
                Collections.shuffle(some, shuffler());
                Rpc rpc = ihaveRpc(topic, some.subList(0, parameters.maxIhaveLength));
                out.add(send(remote, rpc, Priority.GOSSIP));
            }
        }
    }

    private static Rpc ihaveRpc(String topic, List<Bytes> ids) {
        return Rpc.ihave(List.of(new Control.Ihave(topic, List.copyOf(ids))));
    }

    /// gossipsub-v1.0.md, "Fanout Maintenance".
    private void maintainFanouts(long now, List<PubsubOutput> gossip) {
        fanouts.values().removeIf(f -> now - f.publishedAt > parameters.fanoutTtl.toNanos());
        // A copy: reading an entry moves it to the end.
        new HashMap<>(fanouts)
                .forEach((topic, fanout) -> {
                    fanout.peers.removeIf(
                            p -> !p.canBeSentTo() || scoreOf(p) < thresholds.publish());
                    fillFanout(topic, fanout);
                    gossip(topic, fanout.peers, gossip);
                });
    }

    /// For tests and for whoever asks why: the parts of a peer's score by topic.
    Map<String, Double> topicScores(PeerId peer) {
        return scoring.topicScores(peer);
    }

    /// For tests: what is kept by kind.
    Map<String, Integer> sizes() {
        return Map.of(
                "peers", peers.size(),
                "scores", scoring.size(),
                "backoffs", backoffs.size(),
                "promises", promises.size(),
                "seen", seen.size(),
                "cache", cache.size(),
                "fanouts", fanouts.size(),
                "topics", subscribers.size());
    }

    /// For tests: peers that have this topic in their lists.
    boolean isSubscribed(PeerId peer, String topic) {
        RemotePeer remote = peers.get(peer);
        return remote != null && new HashSet<>(remote.topics).contains(topic);
    }
}
