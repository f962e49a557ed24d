package org.tutti.node.daemon;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WantedPeers;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.group.Member;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Keeps this node connected to every other member.
///
/// Of two members the one with the lower peer id dials at once. The other dials too, but only after
/// a delay: usually one connection is made, and one is made also where only one of them can reach
/// the other.
///
/// Threads: the host dials; the swarm's events come on one thread, which alone reports. The lock
/// guards `connected` and `since`; nothing blocks under it.
final class MemberConnector implements AutoCloseable {
    /// @param firstBackoff before the second dial; doubled each time
    /// @param dialDelay how long the member with the higher peer id leaves dialling to the other
    record Timing(Duration firstBackoff, Duration maxBackoff, Duration dialDelay) {
        static final Timing DEFAULT =
                new Timing(Duration.ofMillis(50), Duration.ofSeconds(2), Duration.ofSeconds(3));
    }

    private final Host host;
    private final String tag;
    private final List<Member> others;
    private final EventSink events;
    private final Timing timing;
    private final InstantSource clock;
    private final Set<PeerId> connected = new HashSet<>();

    private final RefusedConnections refusals = new RefusedConnections();

    /// When each member was connected or lost last; the start where neither happened.
    private final Map<PeerId, Instant> since = new LinkedHashMap<>();

    private AutoCloseable subscription = () -> {};
    private AutoCloseable kept = () -> {};

    /// @param tag of the group to the host
    /// @param others all members but this node
    MemberConnector(
            Host host,
            String tag,
            List<Member> others,
            EventSink events,
            InstantSource clock,
            Timing timing) {
        this.host = host;
        this.tag = tag;
        this.others = List.copyOf(others);
        this.events = events;
        this.clock = clock;
        this.timing = timing;
    }

    /// Begins to dial. The host must have been started.
    void start() {
        // A member that is frozen is noticed within ten seconds.
        host.setMembers(tag, others.stream().map(Member::peerId).collect(Collectors.toSet()));
        Instant now = clock.instant();
        synchronized (this) {
            others.forEach(member -> since.put(member.peerId(), now));
        }
        subscription = host.subscribe(this::see);
        // A member that dialled us before the subscription is connected already.
        others.stream().map(Member::peerId).filter(host::isConnected).forEach(this::connected);
        WantedPeers.Builder wanted =
                WantedPeers.builder()
                        .backoff(timing.firstBackoff(), timing.maxBackoff())
                        .higherIdWaits(timing.dialDelay());
        others.forEach(member -> wanted.peer(member.peerId(), member.addresses()));
        kept = host.keepConnected(tag, wanted.build());
    }

    /// How this node stands with another member.
    ///
    /// @param since when it was connected, or lost; where it never was, since when it is dialled
    /// @param roundTrip of the last ping, if it is connected and answered one
    record Link(boolean connected, Instant since, Optional<Duration> roundTrip) {}

    /// The other members.
    Map<PeerId, Link> links() {
        Map<PeerId, Instant> times;
        Set<PeerId> open;
        synchronized (this) {
            times = new LinkedHashMap<>(since);
            open = Set.copyOf(connected);
        }
        Map<PeerId, Link> links = new LinkedHashMap<>();
        times.forEach((peer, at) ->
                links.put(peer, new Link(open.contains(peer), at, host.roundTrip(peer))));
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
                // The host dials again.
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
        events.emit(new NodeEvent.PeerConnected(peer.toString(), count, others.size()));
        if (count == others.size()) {
            events.emit(new NodeEvent.AllMembersConnected(others.size() + 1));
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
        events.emit(new NodeEvent.PeerLost(peer.toString(), count, others.size(), reason));
    }

    /// Events were missed: the host is asked instead.
    private void lookAgain() {
        for (Member member : others) {
            if (host.isConnected(member.peerId())) {
                connected(member.peerId());
            } else {
                lost(member.peerId(), "lost while events were missed");
            }
        }
    }

    private boolean isMember(PeerId peer) {
        return others.stream().anyMatch(member -> member.peerId().equals(peer));
    }

    @Override
    public void close() {
        try {
            kept.close();
            subscription.close();
        } catch (Exception e) {
            // They end with the host at the latest.
        }
    }
}
