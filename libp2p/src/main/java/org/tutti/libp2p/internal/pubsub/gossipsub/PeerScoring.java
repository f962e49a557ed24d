package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.gossipsub.parameters.ScoreParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.TopicScoreParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.TopicScoreParameters.MeshDeliveries;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// The scores of peers (gossipsub-v1.1.md, "Peer Scoring"). What is kept of peers that have left is
/// bounded: the one that left first is forgotten.
final class PeerScoring {
    /// Peers that have left and whose scores are kept.
    static final int MAX_RETAINED = 4096;

    /// Topics of which one peer has counters; what it does in others does not count.
    static final int MAX_TOPICS = 256;

    /// What a peer did in one topic.
    private static final class TopicCounters {
        boolean inMesh;
        long graftedAt;
        long meshTime;
        boolean active;
        double firstDeliveries;
        double meshDeliveries;
        double meshFailures;
        double invalidMessages;
    }

    private static final class PeerCounters {
        final Map<String, TopicCounters> topics = new HashMap<>();
        @Nullable String address;
        double behaviour;
        boolean connected = true;
        long forgetAt;
    }

    private final ScoreParameters parameters;
    private final boolean enabled;
    private final ToDoubleFunction<PeerId> application;
    private final Map<PeerId, PeerCounters> peers = new HashMap<>();
    private final LinkedHashSet<PeerId> retained = new LinkedHashSet<>();
    private final Map<String, Integer> addresses = new HashMap<>();
    private long nextDecay = Long.MIN_VALUE;

    /// @param enabled otherwise P5 alone counts
    PeerScoring(ScoreParameters parameters, boolean enabled, ToDoubleFunction<PeerId> application) {
        this.parameters = parameters;
        this.enabled = enabled;
        this.application = application;
    }

    void connected(PeerId peer, @Nullable String address) {
        PeerCounters counters = peers.computeIfAbsent(peer, _ -> new PeerCounters());
        retained.remove(peer);
        counters.connected = true;
        counters.address = address;
        if (address != null) {
            addresses.merge(address, 1, Integer::sum);
        }
    }

    /// "Peer Scoring": "the score is retained for some period of time when a peer disconnects, so
    /// that malicious peers cannot easily reset their score". A good score is not kept, as in go:
    /// it is earned anew.
    void disconnected(PeerId peer, long now) {
        PeerCounters counters = peers.get(peer);
        if (counters == null) {
            return;
        }
        boolean good = score(peer) > 0;
        String address = counters.address;
        if (address != null) {
            addresses.computeIfPresent(address, (_, n) -> n == 1 ? null : n - 1);
            counters.address = null;
        }
        if (good) {
            peers.remove(peer);
            return;
        }
        counters.topics.forEach((topic, c) -> {
            c.firstDeliveries = 0;
            leaveMesh(parameters.topic(topic), c);
        });
        counters.connected = false;
        counters.forgetAt = now + parameters.retain().toNanos();
        retained.add(peer);
        if (retained.size() > MAX_RETAINED) {
            peers.remove(retained.removeFirst());
        }
    }

    /// "The Score Function".
    double score(PeerId peer) {
        double applicationScore = parameters.applicationWeight() * application.applyAsDouble(peer);
        PeerCounters counters = peers.get(peer);
        if (counters == null || !enabled) {
            return applicationScore;
        }
        double score = 0;
        for (Map.Entry<String, TopicCounters> entry : counters.topics.entrySet()) {
            TopicScoreParameters topic = parameters.topic(entry.getKey());
            score += topic.weight() * score(topic, entry.getValue());
        }
        if (parameters.topicCap() > 0 && score > parameters.topicCap()) {
            score = parameters.topicCap();
        }
        return score + applicationScore + colocation(counters) + behaviour(counters);
    }

    private static double score(TopicScoreParameters topic, TopicCounters c) {
        double score = 0;
        if (c.inMesh) {
            // P1: "time in mesh", in quanta and capped.
            score +=
                    topic.timeInMesh().weight()
                            * Math.min(
                                    (double) c.meshTime / topic.timeInMesh().quantum().toNanos(),
                                    topic.timeInMesh().cap());
        }
        score += topic.firstDeliveries().weight() * c.firstDeliveries;
        if (c.active && c.meshDeliveries < topic.meshDeliveries().threshold()) {
            // P3: "the square of the deficit".
            double deficit = topic.meshDeliveries().threshold() - c.meshDeliveries;
            score += topic.meshDeliveries().weight() * deficit * deficit;
        }
        score += topic.meshFailures().weight() * c.meshFailures;
        // P4: "the square of the number of invalid messages".
        return score + topic.invalidMessages().weight() * c.invalidMessages * c.invalidMessages;
    }

    /// P6: "the square of" how many peers beyond the threshold have this address.
    private double colocation(PeerCounters counters) {
        String address = counters.address;
        if (address == null || parameters.colocation().exempt().contains(address)) {
            return 0;
        }
        int surplus = addresses.getOrDefault(address, 0) - parameters.colocation().threshold();
        return surplus <= 0 ? 0 : parameters.colocation().weight() * surplus * surplus;
    }

    private double behaviour(PeerCounters counters) {
        double excess = counters.behaviour - parameters.behaviour().threshold();
        return excess <= 0 ? 0 : parameters.behaviour().weight() * excess * excess;
    }

    private @Nullable TopicCounters counters(PeerId peer, String topic) {
        PeerCounters counters = peers.get(peer);
        if (counters == null) {
            return null;
        }
        TopicCounters known = counters.topics.get(topic);
        if (known != null || counters.topics.size() >= MAX_TOPICS) {
            return known;
        }
        TopicCounters fresh = new TopicCounters();
        counters.topics.put(topic, fresh);
        return fresh;
    }

    void grafted(PeerId peer, String topic, long now) {
        TopicCounters c = counters(peer, topic);
        if (c != null) {
            c.inMesh = true;
            c.graftedAt = now;
            c.meshTime = 0;
            c.active = false;
        }
    }

    void pruned(PeerId peer, String topic) {
        TopicCounters c = counters(peer, topic);
        if (c != null) {
            leaveMesh(parameters.topic(topic), c);
        }
    }

    /// P3b: "a sticky penalty": the deficit at the time of the prune.
    private static void leaveMesh(TopicScoreParameters topic, TopicCounters c) {
        if (c.inMesh && c.active && c.meshDeliveries < topic.meshDeliveries().threshold()) {
            double deficit = topic.meshDeliveries().threshold() - c.meshDeliveries;
            c.meshFailures += deficit * deficit;
        }
        c.inMesh = false;
        c.active = false;
    }

    /// The peer was the first to send a message that is valid.
    void deliveredFirst(PeerId peer, String topic) {
        TopicCounters c = counters(peer, topic);
        if (c != null) {
            TopicScoreParameters p = parameters.topic(topic);
            c.firstDeliveries = Math.min(c.firstDeliveries + 1, p.firstDeliveries().cap());
            if (c.inMesh) {
                c.meshDeliveries = Math.min(c.meshDeliveries + 1, p.meshDeliveries().cap());
            }
        }
    }

    /// The peer sent it as well.
    ///
    /// @param sinceNanos since it was found valid; not positive while it was being validated
    void deliveredAgain(PeerId peer, String topic, long sinceNanos) {
        MeshDeliveries p = parameters.topic(topic).meshDeliveries();
        // P3: "near-first": within the window.
        if (p.weight() == 0 || sinceNanos > p.window().toNanos()) {
            return;
        }
        TopicCounters c = counters(peer, topic);
        if (c != null && c.inMesh) {
            c.meshDeliveries = Math.min(c.meshDeliveries + 1, p.cap());
        }
    }

    void invalid(PeerId peer, String topic) {
        TopicCounters c = counters(peer, topic);
        if (c != null) {
            c.invalidMessages++;
        }
    }

    /// P7.
    void misbehaved(PeerId peer, double points) {
        PeerCounters counters = peers.get(peer);
        if (counters != null) {
            counters.behaviour += points;
        }
    }

    /// "Parameter Decay", as often as is due.
    void tick(long now) {
        if (nextDecay == Long.MIN_VALUE) {
            nextDecay = now + parameters.decayInterval().toNanos();
        }
        // After a long pause the decays that were missed are not made up for: as in go, where the
        // ticks of a timer that nobody took are gone.
        if (now - nextDecay < 0) {
            return;
        }
        nextDecay = now + parameters.decayInterval().toNanos();
        Iterator<Map.Entry<PeerId, PeerCounters>> all = peers.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<PeerId, PeerCounters> entry = all.next();
            PeerCounters counters = entry.getValue();
            if (counters.connected) {
                decay(counters, now);
            } else if (now - counters.forgetAt >= 0) {
                // Scores that are retained do not decay: leaving would be a way to wait.
                retained.remove(entry.getKey());
                all.remove();
            }
        }
    }

    private void decay(PeerCounters counters, long now) {
        counters.behaviour = decay(counters.behaviour, parameters.behaviour().decay());
        counters.topics.forEach((topic, c) -> {
            TopicScoreParameters p = parameters.topic(topic);
            c.firstDeliveries = decay(c.firstDeliveries, p.firstDeliveries().decay());
            c.meshDeliveries = decay(c.meshDeliveries, p.meshDeliveries().decay());
            c.meshFailures = decay(c.meshFailures, p.meshFailures().decay());
            c.invalidMessages = decay(c.invalidMessages, p.invalidMessages().decay());
            if (c.inMesh) {
                c.meshTime = now - c.graftedAt;
                c.active |=
                        p.meshDeliveries().weight() < 0
                                && c.meshTime > p.meshDeliveries().activation().toNanos();
            }
        });
    }

    private double decay(double value, double decay) {
        double less = value * decay;
        return less < parameters.decayToZero() ? 0 : less;
    }

    /// For tests: peers of which something is kept.
    int size() {
        return peers.size();
    }

    /// The parts of the score by topic, for whoever wants to know why.
    Map<String, Double> topicScores(PeerId peer) {
        Map<String, Double> parts = new LinkedHashMap<>();
        PeerCounters counters = peers.get(peer);
        if (counters != null) {
            counters.topics.forEach(
                    (topic, c) -> parts.put(topic, score(parameters.topic(topic), c)));
        }
        return parts;
    }

    /// Addresses that connected peers have.
    Set<String> addresses() {
        return addresses.keySet();
    }
}
