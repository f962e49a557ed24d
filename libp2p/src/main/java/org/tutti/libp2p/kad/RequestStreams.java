package org.tutti.libp2p.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Streams for requests, which are used again (kad-dht, RPC messages: "Implementations may choose
/// to re-use streams").
///
/// Safe for all threads. The lock guards `idle` and `sweeping`; streams are opened, closed and
/// reset outside it.
final class RequestStreams {
    /// For how long a stream is kept without a request. rust resets it after 10 s, go after a
    /// minute.
    static final Duration IDLE = Duration.ofSeconds(8);

    /// Idle streams to one peer, and to all. One more is closed.
    static final int MAX_IDLE_PER_PEER = 2;

    static final int MAX_IDLE = 512;

    /// Addresses that are dialled for one request.
    private static final int MAX_ADDRESSES = 16;

    private final BehaviourContext context;
    private final String protocol;
    private final Map<PeerId, Deque<Idle>> idle = new HashMap<>();
    private int idleCount;
    private boolean sweeping;
    private boolean closed;

    private record Idle(Stream stream, long since) {}

    RequestStreams(BehaviourContext context, String protocol) {
        this.context = context;
        this.protocol = protocol;
    }

    /// An idle stream to the peer, if there is one. It may have been reset by now.
    synchronized @Nullable Stream takeIdle(PeerId peer) {
        Deque<Idle> streams = idle.get(peer);
        if (streams == null) {
            return null;
        }
        Idle last = streams.removeLast();
        idleCount--;
        if (streams.isEmpty()) {
            idle.remove(peer);
        }
        return last.stream;
    }

    /// A new stream, on a connection that is open or made. Its protocol is agreed on with its first
    /// bytes.
    Stream open(Contact to) throws IOException {
        return connect(to).openStreamLazily(protocol);
    }

    /// An open connection to the peer, or a new one: to addresses that we know of it and to those
    /// that others named. These are not remembered, because anybody can name any.
    Connection connect(Contact to) throws IOException {
        List<Connection> open = context.connections(to.peer());
        for (Connection connection : open) {
            if (connection.isOpen() && !connection.isLimited()) {
                return connection;
            }
        }
        Set<Multiaddr> addresses = new LinkedHashSet<>(context.addresses(to.peer()));
        addresses.addAll(to.addresses());
        return context.dial(
                to.peer(),
                DialOptions.defaults().only(addresses.stream().limit(MAX_ADDRESSES).toList()));
    }

    /// A stream on which everything asked was answered.
    void giveBack(Stream stream) {
        boolean sweep = false;
        boolean keep;
        synchronized (this) {
            Deque<Idle> streams =
                    idle.computeIfAbsent(stream.remotePeer(), _ -> new ArrayDeque<>(2));
            keep = !closed && streams.size() < MAX_IDLE_PER_PEER && idleCount < MAX_IDLE;
            if (keep) {
                streams.addLast(new Idle(stream, context.timer().nanoTime()));
                idleCount++;
                sweep = !sweeping;
                sweeping = true;
            } else if (streams.isEmpty()) {
                idle.remove(stream.remotePeer());
            }
        }
        if (!keep) {
            stream.close();
        }
        if (sweep) {
            context.timer().schedule(IDLE, this::sweep);
        }
    }

    private void sweep() {
        List<Stream> old = new ArrayList<>();
        boolean again;
        synchronized (this) {
            long before = context.timer().nanoTime() - IDLE.toNanos();
            idle.values()
                    .forEach(streams -> {
                        while (!streams.isEmpty() && streams.getFirst().since - before <= 0) {
                            old.add(streams.removeFirst().stream);
                            idleCount--;
                        }
                    });
            idle.values().removeIf(Deque::isEmpty);
            again = !idle.isEmpty() && !closed;
            sweeping = again;
        }
        if (!old.isEmpty()) {
            // Closing may write, and the timer's thread waits for nobody.
            context.start("libp2p-kad-streams", () -> old.forEach(Stream::close));
        }
        if (again) {
            context.timer().schedule(IDLE, this::sweep);
        }
    }

    /// The peer has no connection any more.
    void forget(PeerId peer) {
        synchronized (this) {
            Deque<Idle> streams = idle.remove(peer);
            idleCount -= streams == null ? 0 : streams.size();
        }
    }

    /// Keeps none from now on, and ends those that it kept, before their connections are closed: a
    /// peer may not have read yet what has no response. A stream that was used ends without waiting
    /// for its peer.
    void close() {
        List<Stream> kept;
        synchronized (this) {
            closed = true;
            kept = idle.values().stream().flatMap(Deque::stream).map(Idle::stream).toList();
            idle.clear();
            idleCount = 0;
        }
        kept.forEach(Stream::close);
    }
}
