package org.tutti.libp2p.pubsub.gossipsub.parameters;

import java.time.Duration;

/// How what a peer does in one topic counts (gossipsub-v1.1.md, "The Score Function"). A weight of
/// zero leaves a part out.
///
/// @param weight of the topic among others
/// @param timeInMesh P1
/// @param firstDeliveries P2
/// @param meshDeliveries P3
/// @param meshFailures P3b
/// @param invalidMessages P4: weight below zero, decay
public record TopicScoreParameters(
        double weight,
        TimeInMesh timeInMesh,
        Counter firstDeliveries,
        MeshDeliveries meshDeliveries,
        Penalty meshFailures,
        Penalty invalidMessages) {
    /// P1.
    ///
    /// @param weight not negative
    /// @param quantum the time for one point
    /// @param cap the most points
    public record TimeInMesh(double weight, Duration quantum, double cap) {
        public TimeInMesh {
            if (weight < 0 || cap < 0 || quantum.isNegative() || quantum.isZero()) {
                throw new IllegalArgumentException("P1 is not negative, its quantum positive");
            }
        }
    }

    /// P2.
    ///
    /// @param weight not negative
    /// @param decay what is left after a decay interval, between 0 and 1
    /// @param cap the most that is counted
    public record Counter(double weight, double decay, double cap) {
        public Counter {
            if (weight < 0 || cap < 0) {
                throw new IllegalArgumentException("P2 is not negative");
            }
            requireDecay(decay);
        }
    }

    /// P3.
    ///
    /// @param weight zero or below
    /// @param decay what is left after a decay interval
    /// @param cap the most that is counted, at least `threshold`
    /// @param threshold deliveries below which the squared deficit counts
    /// @param activation how long a peer is in the mesh before it is expected to deliver
    /// @param window after the first delivery, in which another counts as well
    public record MeshDeliveries(
            double weight,
            double decay,
            double cap,
            double threshold,
            Duration activation,
            Duration window) {
        public MeshDeliveries {
            if (weight > 0 || threshold < 0 || cap < threshold) {
                throw new IllegalArgumentException("P3 is not positive, and its cap a cap");
            }
            requireDecay(decay);
        }

        /// Counts nothing.
        public static MeshDeliveries off() {
            return new MeshDeliveries(0, 0.5, 0, 0, Duration.ZERO, Duration.ZERO);
        }
    }

    /// P3b and P4.
    ///
    /// @param weight zero or below
    /// @param decay what is left after a decay interval
    public record Penalty(double weight, double decay) {
        public Penalty {
            if (weight > 0) {
                throw new IllegalArgumentException("a penalty is not positive");
            }
            requireDecay(decay);
        }
    }

    public TopicScoreParameters {
        if (weight < 0) {
            throw new IllegalArgumentException("the weight of a topic is not negative");
        }
    }

    private static void requireDecay(double decay) {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("a decay is between 0 and 1: " + decay);
        }
    }

    /// For topics of which we know no rate: P3 and P3b are off, because where messages are rare
    /// their deficit punishes honest peers.
    public static TopicScoreParameters defaults() {
        return new TopicScoreParameters(
                1,
                new TimeInMesh(0.01, Duration.ofSeconds(1), 300),
                new Counter(1, 0.9, 20),
                MeshDeliveries.off(),
                new Penalty(0, 0.5),
                new Penalty(-20, 0.97));
    }
}
