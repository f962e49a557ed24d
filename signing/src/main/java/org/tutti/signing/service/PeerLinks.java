package org.tutti.signing.service;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/// The links to all peers that share a group with this node, which follow the host's connections:
/// one for each peer, whatever groups it shares. Each link has its own lock; whoever adds and
/// removes groups holds the service's.
final class PeerLinks implements AutoCloseable {
    /// Most streams beside the links at a time; what is sent on one more is not sent.
    private static final int MAX_BESIDES = 32;

    private final Host host;
    private final ToLongFunction<PeerId> maxBytes;
    private final Consumer<PeerId> onOpened;
    private final Consumer<PeerId> onClosed;
    private final Consumer<GroupWay.Parcel> sending;
    private final RandomGenerator random;
    private final Map<PeerId, PeerLink> links = new ConcurrentHashMap<>();
    private boolean started; // guarded by the service's lock

    /// Streams beside the links that are open at a time.
    private final Semaphore besides = new Semaphore(MAX_BESIDES);

    /// @param maxBytes most bytes that wait for this peer now
    /// @param onOpened runs each time a stream to the peer was opened, before anything is written
    /// @param onClosed runs each time that such a stream is used no more
    /// @param sending what stands before the links
    /// @param random for the pauses before another stream is tried; nothing secret
    PeerLinks(
            Host host,
            ToLongFunction<PeerId> maxBytes,
            Consumer<PeerId> onOpened,
            Consumer<PeerId> onClosed,
            UnaryOperator<Consumer<GroupWay.Parcel>> sending,
            RandomGenerator random) {
        this.host = host;
        this.maxBytes = maxBytes;
        this.onOpened = onOpened;
        this.onClosed = onClosed;
        this.sending = sending.apply(this::offer);
        this.random = random;
    }

    private Stream openStream(PeerId peer) throws IOException {
        List<Connection> connections = host.connections(peer);
        if (connections.isEmpty()) {
            throw new IOException(peer + " is not connected");
        }
        return connections.getFirst().openStream(SigningService.PROTOCOL);
    }

    /// Makes links to those of the group's other members to whom it needs one, where there are
    /// none.
    ///
    /// @return those to whom a stream was open before, and who were not told by `onOpened`
    List<Member> add(SignerGroup group, Predicate<PeerId> needed) {
        List<Member> open = new ArrayList<>();
        for (Member member : group.members()) {
            PeerId peer = member.peerId();
            PeerLink known = links.get(peer);
            if (!needed.test(peer)) {
                continue;
            }
            if (known == null) {
                PeerLink link =
                        new PeerLink(
                                peer,
                                () -> openStream(peer),
                                () -> onOpened.accept(peer),
                                () -> onClosed.accept(peer),
                                () -> maxBytes.applyAsLong(peer),
                                random);
                links.put(peer, link);
                if (started) {
                    start(peer, link);
                }
            } else if (known.isOpen()) {
                open.add(member);
            }
        }
        return open;
    }

    /// Ends the links to peers to whom no group needs one any more.
    void retain(Predicate<PeerId> needed) {
        links.forEach((peer, link) -> {
            if (!needed.test(peer)) {
                links.remove(peer);
                link.close();
            }
        });
    }

    /// Opens streams to the peers that are connected, and from then on to those of whom
    /// [#onSwarmEvent] learns.
    void start() {
        started = true;
        links.forEach(this::start);
    }

    private void start(PeerId peer, PeerLink link) {
        link.start();
        // Never false here: of a connection that was just opened the event may have come already.
        if (host.isConnected(peer)) {
            link.connected(true);
        }
    }

    void onSwarmEvent(SwarmEvent event) {
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> connected(opened.peer(), true);
            case SwarmEvent.ConnectionClosed gone -> connected(gone.peer(), gone.connections() > 0);
            case SwarmEvent.EventsDropped _ ->
                    links.forEach((peer, link) -> link.connected(host.isConnected(peer)));
            case SwarmEvent.Listening _, SwarmEvent.DialFailed _, SwarmEvent.InboundRefused _ -> {}
        }
    }

    private void connected(PeerId peer, boolean value) {
        PeerLink link = links.get(peer);
        if (link != null) {
            link.connected(value);
        }
    }

    /// To each of its receivers; what waits for several of them lies in memory once.
    void send(GroupWay.Parcel parcel) {
        sending.accept(parcel);
    }

    private void offer(GroupWay.Parcel parcel) {
        byte[] frame = Frames.encode(parcel.frame().toArray());
        for (PeerId peer : parcel.to()) {
            if (parcel.everyConnection()) {
                sendToAllConnections(peer, frame);
            } else {
                PeerLink link = links.get(peer);
                if (link != null) {
                    link.offer(frame);
                }
            }
        }
    }

    /// On the link, and on a stream of its own on each other connection with the peer's identity:
    /// there is more than one for a moment when two nodes dial each other, or when the identity has
    /// been copied.
    private void sendToAllConnections(PeerId peer, byte[] frame) {
        PeerLink link = links.get(peer);
        if (link == null) {
            return;
        }
        link.offer(frame);
        for (Connection connection : host.connections(peer)) {
            if (!link.isOn(connection) && besides.tryAcquire()) {
                Thread.ofVirtual()
                        .name("sign-beside-" + peer)
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

    /// Whether a stream to the peer is open.
    boolean isOpen(PeerId peer) {
        PeerLink link = links.get(peer);
        return link != null && link.isOpen();
    }

    /// How many peers have a link.
    int count() {
        return links.size();
    }

    @Override
    public void close() {
        links.values().forEach(PeerLink::close);
    }
}
