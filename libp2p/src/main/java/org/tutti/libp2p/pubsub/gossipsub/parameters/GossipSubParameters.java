package org.tutti.libp2p.pubsub.gossipsub.parameters;

import org.tutti.libp2p.identity.PeerId;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;

/// All parameters of a GossipSub router: a named profile, or one with some values changed.
///
/// ```java
/// GossipSubParameters.largeNetwork()
/// GossipSubParameters.group(members)
/// GossipSubParameters.largeNetwork().with(p -> p.seenTtl = Duration.ofMinutes(5))
/// ```
public final class GossipSubParameters {
    /// The values, to be changed in `with`; see there for their meaning in the specs.
    @SuppressWarnings("MultiVariableDeclaration")
    public static final class Values {
        /// How many peers a mesh has.
        public MeshDegree degree = MeshDegree.defaults();

        /// Between two heartbeats.
        public Duration heartbeatInterval = Duration.ofSeconds(1);

        /// `mcache_len`: for how many heartbeats messages can be asked for.
        public int historyLength = 5;

        /// `mcache_gossip`: of how many heartbeats messages are gossiped about.
        public int historyGossip = 3;

        /// `GossipFactor`: to which part of the peers gossip goes.
        public double gossipFactor = 0.25;

        /// How long peers are remembered to whom we published without being subscribed.
        public Duration fanoutTtl = Duration.ofSeconds(60);

        /// How long a message's id is remembered.
        public Duration seenTtl = Duration.ofMinutes(2);

        /// After a prune.
        public Duration pruneBackoff = Duration.ofSeconds(60);

        /// After the end of a subscription.
        public Duration unsubscribeBackoff = Duration.ofSeconds(10);

        /// The longest backoff that a peer can ask of us.
        public Duration maxBackoff = Duration.ofHours(1);

        /// A graft that comes sooner after a prune is penalized twice.
        public Duration graftFloodThreshold = Duration.ofSeconds(10);

        /// Whether own messages go to all peers of the topic.
        public boolean floodPublish = true;

        /// Whether prunes name other peers.
        public boolean peerExchange = false;

        /// How many peers a prune names, and how many of one we connect to.
        public int prunePeers = 16;

        /// How often one message is sent to a peer that asks for it.
        public int gossipRetransmission = 3;

        /// Ids that are advertised to us, and that we ask of a peer, in one heartbeat.
        public int maxIhaveLength = 5000;

        /// RPCs with advertised ids that are looked at in one heartbeat.
        public int maxIhaveMessages = 10;

        /// RPCs with `IDONTWANT` that are looked at in one heartbeat.
        public int maxIdontwantMessages = 1000;

        /// Ids that a peer says it does not want, in one heartbeat.
        public int maxIdontwantLength = 5000;

        /// Data of so many bytes or more is announced by `IDONTWANT`.
        public int idontwantThreshold = 1024;

        /// For how many heartbeats an `IDONTWANT` is remembered.
        public int idontwantTtl = 3;

        /// How long a peer has to send what it advertised.
        public Duration iwantFollowupTime = Duration.ofSeconds(3);

        /// Heartbeats between two opportunistic graftings.
        public int opportunisticGraftTicks = 60;

        /// How many peers are grafted then.
        public int opportunisticGraftPeers = 2;

        /// Heartbeats between two looks whether explicit peers are connected.
        public int directConnectTicks = 300;

        /// The peers with which there is an agreement: connected always, outside of the mesh, and
        /// sent everything.
        public Set<PeerId> explicitPeers = Set.of();

        /// Whether peers are scored. Without, P5 alone counts.
        public boolean scoring = true;

        /// How.
        public ScoreParameters score = ScoreParameters.defaults();

        private Values() {}

        private Values(Values from) {
            degree = from.degree;
            heartbeatInterval = from.heartbeatInterval;
            historyLength = from.historyLength;
            historyGossip = from.historyGossip;
            gossipFactor = from.gossipFactor;
            fanoutTtl = from.fanoutTtl;
            seenTtl = from.seenTtl;
            pruneBackoff = from.pruneBackoff;
            unsubscribeBackoff = from.unsubscribeBackoff;
            maxBackoff = from.maxBackoff;
            graftFloodThreshold = from.graftFloodThreshold;
            floodPublish = from.floodPublish;
            peerExchange = from.peerExchange;
            prunePeers = from.prunePeers;
            gossipRetransmission = from.gossipRetransmission;
            maxIhaveLength = from.maxIhaveLength;
            maxIhaveMessages = from.maxIhaveMessages;
            maxIdontwantMessages = from.maxIdontwantMessages;
            maxIdontwantLength = from.maxIdontwantLength;
            idontwantThreshold = from.idontwantThreshold;
            idontwantTtl = from.idontwantTtl;
            iwantFollowupTime = from.iwantFollowupTime;
            opportunisticGraftTicks = from.opportunisticGraftTicks;
            opportunisticGraftPeers = from.opportunisticGraftPeers;
            directConnectTicks = from.directConnectTicks;
            explicitPeers = from.explicitPeers;
            scoring = from.scoring;
            score = from.score;
        }
    }

    private final Values values;

    private GossipSubParameters(Values values) {
        if (values.historyLength < 1
                || values.historyGossip < 0
                || values.historyGossip > values.historyLength) {
            throw new IllegalArgumentException("mcache_gossip is at most mcache_len");
        }
        if (values.gossipFactor < 0 || values.gossipFactor > 1) {
            throw new IllegalArgumentException("the gossip factor is between 0 and 1");
        }
        if (values.heartbeatInterval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("heartbeats are ten milliseconds apart or more");
        }
        if (values.opportunisticGraftTicks < 1
                || values.directConnectTicks < 1
                || values.idontwantTtl < 1) {
            throw new IllegalArgumentException("a number of heartbeats is one or more");
        }
        values.explicitPeers = Set.copyOf(values.explicitPeers);
        this.values = values;
    }

    /// What the specs recommend, for networks of strangers. `floodPublish` is on, peer exchange
    /// off.
    public static GossipSubParameters largeNetwork() {
        return new GossipSubParameters(new Values());
    }

    /// For a group of 2 to 20 that know each other and of whom none may miss a message: all are
    /// explicit peers and get everything from everybody, meshes are as small as the group, own
    /// messages go to all, and P3 and P3b are off, because messages are rare. Who was away for up
    /// to two minutes is offered what it missed when it comes back.
    ///
    /// @param members the other ones
    /// @param hosts addresses such as `192.0.2.1` that several members may share without being
    ///   suspected for it
    public static GossipSubParameters group(Collection<PeerId> members, Set<String> hosts) {
        Values values = new Values();
        values.degree = MeshDegree.ofGroup(members.size() + 1);
        values.explicitPeers = Set.copyOf(members);
        values.directConnectTicks = 10;
        values.historyLength = 120;
        // Longer than others can offer a message, so that none is delivered twice.
        values.seenTtl = Duration.ofMinutes(5);
        ScoreParameters score = values.score;
        values.score =
                score.withColocation(
                        new ScoreParameters.Colocation(
                                score.colocation().weight(),
                                score.colocation().threshold(),
                                hosts));
        return new GossipSubParameters(values);
    }

    /// These with some values changed.
    ///
    /// @throws IllegalArgumentException if they do not go together
    public GossipSubParameters with(Consumer<Values> change) {
        Values copy = new Values(values);
        change.accept(copy);
        return new GossipSubParameters(copy);
    }

    /// A copy of the values.
    public Values values() {
        return new Values(values);
    }
}
