package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.transport.Frames;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineInput;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// The links to all other members, which follow the host's connections. The map never changes; each
/// link has its own lock.
final class PeerLinks implements AutoCloseable {
    /// Most streams beside the links at a time; what is sent on one more is not sent.
    private static final int MAX_BESIDES = 32;

    private final Host host;
    private final SignerGroup group;
    private final Map<Integer, PeerLink> links = new HashMap<>();

    /// Streams beside the links that are open at a time.
    private final Semaphore besides = new Semaphore(MAX_BESIDES);

    PeerLinks(Host host, SignerGroup group, Member self, int maxBytes, EventLoop loop) {
        this.host = host;
        this.group = group;
        for (Member member : group.members()) {
            if (!member.equals(self)) {
                PeerLink link =
                        new PeerLink(
                                member,
                                () -> openStream(member.peerId()),
                                () -> loop.post(new EngineInput.PeerConnected(member.index())),
                                maxBytes);
                links.put(member.index(), link);
            }
        }
    }

    private Stream openStream(PeerId peer) throws IOException {
        List<Connection> connections = host.connections(peer);
        if (connections.isEmpty()) {
            throw new IOException(peer + " is not connected");
        }
        return connections.getFirst().openStream(SigningService.PROTOCOL);
    }

    /// Opens streams to the members that are connected, and from then on to those of whom
    /// [#onSwarmEvent] learns.
    void start() {
        for (PeerLink link : links.values()) {
            link.start();
        }
        for (PeerId peer : host.connectedPeers()) {
            connected(peer, true);
        }
    }

    void onSwarmEvent(SwarmEvent event) {
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> connected(opened.peer(), true);
            case SwarmEvent.ConnectionClosed gone -> connected(gone.peer(), gone.connections() > 0);
            case SwarmEvent.EventsDropped _ ->
                    group.members()
                            .forEach(member ->
                                    connected(member.peerId(), host.isConnected(member.peerId())));
            case SwarmEvent.Listening _,
                    SwarmEvent.Identified _,
                    SwarmEvent.DialFailed _,
                    SwarmEvent.InboundRefused _ -> {}
        }
    }

    private void connected(PeerId peer, boolean value) {
        group.member(peer)
                .map(member -> links.get(member.index()))
                .ifPresent(link -> link.connected(value));
    }

    void send(int member, Bytes envelope) {
        PeerLink link = links.get(member);
        if (link != null) {
            link.offer(Frames.encode(envelope.toArray()));
        }
    }

    /// On the link, and on a stream of its own on each other connection with the member's identity:
    /// there is more than one for a moment when two nodes dial each other, or when the identity has
    /// been copied.
    void sendToAllConnections(int member, Bytes envelope) {
        PeerLink link = links.get(member);
        if (link == null) {
            return;
        }
        byte[] frame = Frames.encode(envelope.toArray());
        link.offer(frame);
        for (Connection connection : host.connections(group.member(member).peerId())) {
            if (!link.isOn(connection) && besides.tryAcquire()) {
                Thread.ofVirtual()
                        .name("sign-beside-" + member)
                        .start(() -> sendBeside(connection, frame));
            }
        }
    }

    private void sendBeside(Connection connection, byte[] frame) {
        try (Stream stream = connection.openStream(SigningService.PROTOCOL)) {
            stream.setWriteTimeout(PeerLink.WRITE_TIMEOUT);
            stream.write(frame, 0, frame.length);
        } catch (IOException e) {
            // The connection has ended, or its process takes no stream: the next challenge tries
            // again.
        } finally {
            besides.release();
        }
    }

    void broadcast(Bytes envelope) {
        byte[] frame = Frames.encode(envelope.toArray());
        links.values().forEach(link -> link.offer(frame));
    }

    /// The members to which a stream is open.
    List<Member> linked() {
        return group.members().stream()
                .filter(member -> {
                    PeerLink link = links.get(member.index());
                    return link != null && link.isOpen();
                })
                .toList();
    }

    @Override
    public void close() {
        links.values().forEach(PeerLink::close);
    }
}
