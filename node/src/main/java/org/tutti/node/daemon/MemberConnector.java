package org.tutti.node.daemon;

import org.tutti.base.Backoff;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Keeps this node connected to every other member.
///
/// Of two members the one with the lower peer id dials at once; the other dials too, but only when
/// it has waited a while, so that usually one connection is made and either direction will do where
/// only one is possible.
///
/// Threads: one virtual thread a member dials, and waits on that member's semaphore while
/// connected; the swarm's events come on one thread, which alone reports. The lock guards
/// `connected`; nothing blocks under it.
final class MemberConnector implements AutoCloseable {
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

    /// How long the member with the higher peer id leaves the dialling to the other.
    private static final Duration COURTESY = Duration.ofSeconds(3);

    /// How often a dialler looks by itself, should an event be lost.
    private static final Duration LOOK = Duration.ofSeconds(10);

    /// Another member and where it listens.
    record Other(PeerId peerId, Multiaddr address, Semaphore lost) {
        Other(PeerId peerId, Multiaddr address) {
            this(peerId, address, new Semaphore(0));
        }
    }

    private final Host host;
    private final List<Other> others;
    private final EventSink events;
    private final RandomGenerator random;
    private final Set<PeerId> connected = new HashSet<>();
    private final List<Thread> diallers;
    private AutoCloseable subscription = () -> {};

    /// Written by close, read by the diallers.
    private volatile boolean closed;

    MemberConnector(Host host, List<Other> others, EventSink events, RandomGenerator random) {
        this.host = host;
        this.others = List.copyOf(others);
        this.events = events;
        this.random = random;
        this.diallers =
                this.others.stream()
                        .map(other ->
                                Thread.ofVirtual()
                                        .name("dial-" + other.peerId())
                                        .unstarted(() -> keepConnected(other)))
                        .toList();
    }

    /// Begins to dial. The host must have been started.
    void start() {
        subscription = host.subscribe(this::see);
        // Whoever dialled us before the subscription is connected already.
        others.stream().map(Other::peerId).filter(host::isConnected).forEach(this::connected);
        diallers.forEach(Thread::start);
    }

    /// The other members that are connected now.
    synchronized Set<PeerId> connected() {
        return Set.copyOf(connected);
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
                    events.emit(
                            new NodeEvent.InboundRefused(
                                    refused.remoteAddress().toString(),
                                    refused.code(),
                                    refused.detail()));
            case SwarmEvent.EventsDropped _ -> lookAgain();
            case SwarmEvent.Listening _, SwarmEvent.Identified _, SwarmEvent.DialFailed _ -> {
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
            count = connected.size();
        }
        events.emit(new NodeEvent.PeerConnected(peer.toString(), count, others.size()));
        if (count == others.size()) {
            events.emit(new NodeEvent.MeshComplete(others.size() + 1));
        }
    }

    private void lost(PeerId peer, String reason) {
        int count;
        synchronized (this) {
            if (!connected.remove(peer)) {
                return;
            }
            count = connected.size();
        }
        events.emit(new NodeEvent.PeerLost(peer.toString(), count, others.size(), reason));
        others.stream()
                .filter(other -> other.peerId().equals(peer))
                .forEach(other -> other.lost().release());
    }

    /// Events were missed: what is connected now is asked instead.
    private void lookAgain() {
        for (Other other : others) {
            if (host.isConnected(other.peerId())) {
                connected(other.peerId());
            } else {
                lost(other.peerId(), "lost while events were missed");
            }
        }
    }

    private boolean isMember(PeerId peer) {
        return others.stream().anyMatch(other -> other.peerId().equals(peer));
    }

    private void keepConnected(Other other) {
        boolean theirTurn = host.peerId().multihash().compareTo(other.peerId().multihash()) > 0;
        Backoff backoff = new Backoff(FIRST_BACKOFF, MAX_BACKOFF, random);
        try {
            if (theirTurn) {
                Thread.sleep(COURTESY);
            }
            while (!closed) {
                if (host.isConnected(other.peerId())) {
                    awaitLoss(other);
                    backoff.reset();
                    if (theirTurn) {
                        Thread.sleep(COURTESY);
                    }
                } else if (dial(other)) {
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
    private static void awaitLoss(Other other) throws InterruptedException {
        if (other.lost().tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            other.lost().drainPermits();
        }
    }

    private boolean dial(Other other) {
        try {
            host.connect(other.peerId(), List.of(other.address()));
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
