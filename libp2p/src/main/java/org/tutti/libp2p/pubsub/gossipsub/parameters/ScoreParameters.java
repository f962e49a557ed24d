package org.tutti.libp2p.pubsub.gossipsub.parameters;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/// How peers are scored (gossipsub-v1.1.md, "Peer Scoring").
///
/// @param thresholds what a score costs
/// @param topic for topics that are not in `topics`
/// @param topics by name
/// @param topicCap the most that all topics together give; 0 for no cap
/// @param applicationWeight of P5, the score that all protocols of a host share; not negative
/// @param colocation P6
/// @param behaviour P7
/// @param decayInterval between two decays
/// @param decayToZero below it a counter is zero
/// @param retain how long the score of a peer that has left is kept
public record ScoreParameters(
        ScoreThresholds thresholds,
        TopicScoreParameters topic,
        Map<String, TopicScoreParameters> topics,
        double topicCap,
        double applicationWeight,
        Colocation colocation,
        Behaviour behaviour,
        Duration decayInterval,
        double decayToZero,
        Duration retain) {
    /// P6: the square of how many more peers than `threshold` have one address.
    ///
    /// @param weight zero or below
    /// @param threshold at least 1
    /// @param exempt addresses such as `192.0.2.1` that do not count: of hosts that are known to
    ///   have many peers
    public record Colocation(double weight, int threshold, Set<String> exempt) {
        public Colocation {
            if (weight > 0 || threshold < 1) {
                throw new IllegalArgumentException(
                        "P6 is not positive, its threshold is 1 or more");
            }
            exempt = Set.copyOf(exempt);
        }
    }

    /// P7: the square of how much more than `threshold` a peer misbehaved.
    ///
    /// @param weight zero or below
    /// @param threshold not negative
    /// @param decay what is left after a decay interval
    public record Behaviour(double weight, double threshold, double decay) {
        public Behaviour {
            if (weight > 0 || threshold < 0 || !(decay > 0 && decay < 1)) {
                throw new IllegalArgumentException("P7 is not positive, its decay between 0 and 1");
            }
        }
    }

    public ScoreParameters {
        topics = Map.copyOf(topics);
        if (topicCap < 0 || applicationWeight < 0 || decayToZero < 0) {
            throw new IllegalArgumentException("a cap, a weight or a limit is negative");
        }
        if (decayInterval.compareTo(Duration.ofMillis(1)) < 0 || retain.isNegative()) {
            throw new IllegalArgumentException("decays are a millisecond apart or more");
        }
    }

    /// For large networks of strangers.
    public static ScoreParameters defaults() {
        return new ScoreParameters(
                ScoreThresholds.defaults(),
                TopicScoreParameters.defaults(),
                Map.of(),
                100,
                1,
                new Colocation(-5, 10, Set.of()),
                new Behaviour(-10, 1, 0.9),
                Duration.ofSeconds(1),
                0.01,
                Duration.ofHours(1));
    }

    /// These, with another P6.
    public ScoreParameters withColocation(Colocation value) {
        return new ScoreParameters(
                thresholds,
                topic,
                topics,
                topicCap,
                applicationWeight,
                value,
                behaviour,
                decayInterval,
                decayToZero,
                retain);
    }

    /// These, with other thresholds.
    public ScoreParameters withThresholds(ScoreThresholds value) {
        return new ScoreParameters(
                value,
                topic,
                topics,
                topicCap,
                applicationWeight,
                colocation,
                behaviour,
                decayInterval,
                decayToZero,
                retain);
    }

    /// These, with parameters for one topic.
    public ScoreParameters withTopic(String name, TopicScoreParameters value) {
        Map<String, TopicScoreParameters> all = new java.util.HashMap<>(topics);
        all.put(name, value);
        return new ScoreParameters(
                thresholds,
                topic,
                all,
                topicCap,
                applicationWeight,
                colocation,
                behaviour,
                decayInterval,
                decayToZero,
                retain);
    }

    /// Those of a topic.
    public TopicScoreParameters topic(String name) {
        return topics.getOrDefault(name, topic);
    }
}
