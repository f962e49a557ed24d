package org.tutti.libp2p.swarm;

import java.time.Duration;

/// When a peer that gives no sign of life counts as lost. Its connection is closed then.
///
/// A sign of life is anything that arrives, the answer to a ping included. Kernels send nothing by
/// themselves that counts: of a process that is frozen or of a machine that was unplugged, what is
/// left in buffers arrives, and then nothing.
///
/// @param memberPing how often members are pinged ([org.tutti.libp2p.host.Host#setMembers])
/// @param memberTimeout without a sign of life, after which a member is lost, at most a third of
///   `memberPing` later
/// @param peerTimeout without a sign of life, within which any other peer is lost; it is pinged
///   after half of it
public record LivenessPolicy(Duration memberPing, Duration memberTimeout, Duration peerTimeout) {
    private static final LivenessPolicy DEFAULTS =
            new LivenessPolicy(
                    Duration.ofSeconds(3), Duration.ofSeconds(9), Duration.ofSeconds(30));

    /// @throws IllegalArgumentException unless each is at least 30 ms, a member has time for two
    ///   pings, and another peer for two of its pings
    public LivenessPolicy {
        if (memberPing.compareTo(Duration.ofMillis(30)) < 0) {
            throw new IllegalArgumentException("memberPing must be at least 30 ms");
        }
        Duration twice = memberPing.multipliedBy(2);
        if (memberTimeout.compareTo(twice) < 0 || peerTimeout.compareTo(twice) < 0) {
            throw new IllegalArgumentException("timeouts must be at least twice memberPing");
        }
    }

    /// Members are pinged every 3 s and lost after 9 s; other peers are lost within 30 s.
    public static LivenessPolicy defaults() {
        return DEFAULTS;
    }
}
