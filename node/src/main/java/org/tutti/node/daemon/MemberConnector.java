package org.tutti.node.daemon;

import org.tutti.base.Backoff;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.group.Member;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Keeps this node connected to every other member.
///
/// Of two members the one with the lower peer id dials at once. The other dials too, but only after
/// a delay: usually one connection is made, and one is made also where only one of them can reach
/// the other.
///
/// Threads: one virtual thread for each other member dials, and waits on that member's semaphore
/// while connected; the swarm's events come on one thread, which alone reports. The lock guards
/// `connected`; nothing blocks under it.
final class MemberConnector implements AutoCloseable {
    /// @param firstBackoff before the second dial; doubled each time
    /// @param dialDelay how long the member with the higher peer id leaves dialling to the other
    /// @param checkInterval how often a dialler looks by itself, should an event be lost
    record Timing(
            Duration firstBackoff,
            Duration maxBackoff,
            Duration dialDelay,
            Duration checkInterval) {
        static final Timing DEFAULT =
                new Timing(
                        Duration.ofMillis(50),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(10));
    }

    /// Another member, where it listens, and a permit each time that its connection is lost.
    private record Target(PeerId peerId, Multiaddr address, Semaphore lost) {
        static Target of(Member member) {
            return new Target(
                    member.peerId(),
                    member.addresses().getFirst().withoutPeerId(),
                    new Semaphore(0));
        }
    }

    private final Host host;
    private final List<Target> targets;
    private final EventSink events;
    private final RandomGenerator random;
    private final Timing timing;
    private final InstantSource clock;
    private final Set<PeerId> connected = new HashSet<>();

    /// When each member was connected or lost last; the start where neither happened.
    private final RefusedConnections refusals = new RefusedConnections();

    private final Map<PeerId, Instant> since = new HashMap<>();

    private final List<Thread> diallers;
    private AutoCloseable subscription = () -> {};

    /// Written by close, read by the diallers.
    private volatile boolean closed;

    /// @param others all members but this node
    MemberConnector(
            Host host,
            List<Member> others,
            EventSink events,
            RandomGenerator random,
            InstantSource clock,
            Timing timing) {
        this.host = host;
        this.targets = others.stream().map(Target::of).toList();
        this.events = events;
        this.random = random;
        this.clock = clock;
        this.timing = timing;
        this.diallers =
                targets.stream()
                        .map(target ->
                                Thread.ofVirtual()
                                        .name("dial-" + target.peerId())
                                        .unstarted(() -> keepConnected(target)))
                        .toList();
    }

    /// Begins to dial. The host must have been started.
    void start() {
        Instant now = clock.instant();
        synchronized (this) {
            targets.forEach(target -> since.put(target.peerId(), now));
        }
        subscription = host.subscribe(this::see);
        // A member that dialled us before the subscription is connected already.
        targets.stream().map(Target::peerId).filter(host::isConnected).forEach(this::connected);
        diallers.forEach(Thread::start);
    }

    /// How this node stands with another member.
    ///
    /// @param since when it was connected, or lost; where it never was, since when it is dialled
    record Link(boolean connected, Instant since) {}

    /// The other members.
    synchronized Map<PeerId, Link> links() {
        Map<PeerId, Link> links = new LinkedHashMap<>();
        since.forEach((peer, at) -> links.put(peer, new Link(connected.contains(peer), at)));
        return links;
    }

    private void see(SwarmEvent event) {
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> connected(opened.peer());
            case SwarmEvent.ConnectionClosed lost -> {
                if (lost.connections() == 0) {
                    lost(lost.peer(), lost.reason());
                }
            }
            case SwarmEvent.InboundRefused refused ->
                    // Called by one thread.
                    refusals.refused(refused, clock.instant()).ifPresent(events::emit);
            case SwarmEvent.EventsDropped _ -> lookAgain();
            case SwarmEvent.Listening _, SwarmEvent.DialFailed _ -> {
                // The dialler knows.
            }
        }
    }

    private void connected(PeerId peer) {
        int count;
        synchronized (this) {
            if (!isMember(peer) || !connected.add(peer)) {
                return;
            }
            since.put(peer, clock.instant());
            count = connected.size();
        }
        events.emit(new NodeEvent.PeerConnected(peer.toString(), count, targets.size()));
        if (count == targets.size()) {
            events.emit(new NodeEvent.AllMembersConnected(targets.size() + 1));
        }
    }

    private void lost(PeerId peer, String reason) {
        int count;
        synchronized (this) {
            if (!connected.remove(peer)) {
                return;
            }
            since.put(peer, clock.instant());
            count = connected.size();
        }
        events.emit(new NodeEvent.PeerLost(peer.toString(), count, targets.size(), reason));
        targets.stream()
                .filter(target -> target.peerId().equals(peer))
                .forEach(target -> target.lost().release());
    }

    /// Events were missed: the host is asked instead.
    private void lookAgain() {
        for (Target target : targets) {
            if (host.isConnected(target.peerId())) {
                connected(target.peerId());
            } else {
                lost(target.peerId(), "lost while events were missed");
            }
        }
    }

    private boolean isMember(PeerId peer) {
        return targets.stream().anyMatch(target -> target.peerId().equals(peer));
    }

    private void keepConnected(Target target) {
        boolean delayed = host.peerId().multihash().compareTo(target.peerId().multihash()) > 0;
        Backoff backoff = new Backoff(timing.firstBackoff(), timing.maxBackoff(), random);
        try {
            if (delayed) {
                Thread.sleep(timing.dialDelay());
            }
            while (!closed) {
                if (host.isConnected(target.peerId())) {
                    awaitLoss(target);
                    backoff.reset();
                    if (delayed) {
                        Thread.sleep(timing.dialDelay());
                    }
                } else if (dial(target)) {
                    backoff.reset();
                } else {
                    Thread.sleep(backoff.next());
                }
            }
        } catch (InterruptedException e) {
            // Only close interrupts.
            Thread.currentThread().interrupt();
        }
    }

    /// Blocks until the member may be gone.
    private void awaitLoss(Target target) throws InterruptedException {
        if (target.lost().tryAcquire(timing.checkInterval().toMillis(), TimeUnit.MILLISECONDS)) {
            target.lost().drainPermits();
        }
    }

    private boolean dial(Target target) {
        try {
            host.connect(target.peerId(), List.of(target.address()));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        diallers.forEach(Thread::interrupt);
        try {
            subscription.close();
        } catch (Exception e) {
            // It ends with the host at the latest.
        }
    }
}
