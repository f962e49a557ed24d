package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.LivenessPolicy;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The one place where it is noticed that a peer is gone: looks at each connection from time to
/// time, has the muxer ping, and closes what gives no sign of life. When is decided by [Pulse].
///
/// The muxer's ping, because it needs no stream and answers from the thread that reads the
/// connection: 24 bytes before encryption. Whatever arrives counts as life, not only answers, or a
/// peer that sends much over a slow link would be lost because its answer waits behind its own
/// data.
///
/// Members are looked at with each tick, a third of their ping's interval; others with every few
/// ticks, a part of them each time, so that pings do not come in bursts. One timer in all, which
/// runs only while there are connections.
///
/// Threads: a virtual thread for each tick, so that where threads are short of carriers it is late
/// together with those that read. Only it touches pulses. The lock guards `tags`, `running` and
/// `nextPhase`.
final class Liveness {
    /// Looks at a peer that is not a member until it is lost, and until it is pinged.
    private static final int LOST_AFTER = 5;

    private static final int PING_AFTER = 3;

    /// A connection and what is known of it.
    private static final class Watched {
        final Pulse pulse;
        final int phase;
        boolean member;

        /// Of the members that `member` was taken from.
        int version;

        Watched(Pulse pulse, int phase) {
            this.pulse = pulse;
            this.phase = phase;
        }
    }

    /// @param version another one with each change
    private record Members(int version, Set<PeerId> peers) {}

    private final Swarm swarm;
    private final LivenessPolicy policy;
    private final Retirement retirement;
    private final Duration tick;
    private final Pulse.Rule memberRule;
    private final Pulse.Rule otherRule;

    /// Ticks between two looks at a peer that is not a member.
    private final int phases;

    private final ConcurrentMap<SwarmConnection, Watched> connections = new ConcurrentHashMap<>();
    private final Map<String, Set<PeerId>> tags = new HashMap<>();
    private boolean running;
    private int nextPhase;

    /// Of the thread that ticks alone.
    private long ticks;

    // Volatile: set by any thread, read at the next tick.
    private volatile Members members = new Members(0, Set.of());

    /// @param retirement looked at with each tick
    Liveness(Swarm swarm, LivenessPolicy policy, Retirement retirement) {
        this.swarm = swarm;
        this.retirement = retirement;
        this.policy = policy;
        this.tick = policy.memberPing().dividedBy(3);
        this.memberRule =
                new Pulse.Rule(3, Math.toIntExact(looks(policy.memberTimeout(), tick)), true);
        this.otherRule = new Pulse.Rule(PING_AFTER, LOST_AFTER, false);
        // Lost with the look after the last one that may have been too early to notice.
        this.phases =
                (int)
                        Math.max(
                                1,
                                policy.peerTimeout().dividedBy(LOST_AFTER + 1).toNanos()
                                        / tick.toNanos());
    }

    private static long looks(Duration timeout, Duration interval) {
        return Math.ceilDiv(timeout.toNanos(), interval.toNanos());
    }

    /// From now on these peers are members, together with those of other tags.
    void setMembers(String tag, Set<PeerId> peers) {
        synchronized (this) {
            if (peers.isEmpty()) {
                tags.remove(tag);
            } else {
                tags.put(tag, Set.copyOf(peers));
            }
            Set<PeerId> all = new HashSet<>();
            tags.values().forEach(all::addAll);
            members = new Members(members.version + 1, Set.copyOf(all));
        }
    }

    /// Watches a connection until it is `removed`.
    void added(SwarmConnection connection) {
        Pulse pulse = new Pulse(otherRule, connection.bytesReceived());
        boolean start;
        synchronized (this) {
            connections.put(connection, new Watched(pulse, nextPhase));
            nextPhase = (nextPhase + 1) % phases;
            start = !running;
            running = true;
        }
        if (start) {
            schedule();
        }
    }

    void removed(SwarmConnection connection) {
        connections.remove(connection);
    }

    private void schedule() {
        swarm.config()
                .timer()
                .schedule(tick, () -> swarm.tasks().start("libp2p-liveness", this::tick));
    }

    private void tick() {
        ticks++;
        connections.forEach(this::look);
        retirement.look();
        synchronized (this) {
            // Whoever adds one after this starts it again.
            running = !connections.isEmpty();
            if (!running) {
                return;
            }
        }
        schedule();
    }

    private void look(SwarmConnection connection, Watched watched) {
        Members now = members;
        if (watched.version != now.version) {
            watched.version = now.version;
            watched.member = now.peers.contains(connection.remotePeer());
            watched.pulse.follow(watched.member ? memberRule : otherRule);
        }
        if (!watched.member && ticks % phases != watched.phase) {
            return;
        }
        switch (watched.pulse.look(connection.bytesReceived())) {
            case NOTHING -> {}
            case PING -> connection.ping();
            case LOST -> {
                connections.remove(connection);
                Duration silence = watched.member ? policy.memberTimeout() : policy.peerTimeout();
                connection.lost("no sign of life within " + silence.toSeconds() + " s");
            }
        }
    }
}
