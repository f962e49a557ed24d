package org.tutti.examples;

import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// A protocol of one's own: counts who is connected to a host, and tells every peer that asks.
///
/// Give it to `HostBuilder.behaviour`. The answer is the number of connected peers as text, with
/// its length in front of it.
public final class WhoIsHere implements NetworkBehaviour {
    /// The protocol id.
    public static final String PROTOCOL = "/tutti/examples/who-is-here/1.0.0";

    private static final int MAX_STREAMS_PER_PEER = 4;
    private static final int MAX_ANSWER = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /// How many connections each peer has. Methods of a behaviour are called from many threads.
    private final ConcurrentMap<PeerId, Integer> connections = new ConcurrentHashMap<>();

    @Override
    public List<InboundProtocol> protocols() {
        return List.of(new InboundProtocol(PROTOCOL, MAX_STREAMS_PER_PEER, this::answer));
    }

    @Override
    public void connectionOpened(Connection connection) {
        connections.merge(connection.remotePeer(), 1, Integer::sum);
    }

    @Override
    public void connectionClosed(Connection connection) {
        connections.computeIfPresent(
                connection.remotePeer(), (_, count) -> count == 1 ? null : count - 1);
    }

    /// How many peers are connected.
    public int count() {
        return connections.size();
    }

    private void answer(Stream stream) throws IOException {
        stream.setWriteTimeout(TIMEOUT);
        Frames.write(stream, String.valueOf(count()).getBytes(StandardCharsets.UTF_8));
    }

    /// Asks the peer at the other end how many peers are connected to it.
    public static int ask(Connection connection) throws IOException {
        try (Stream stream = connection.openStream(PROTOCOL)) {
            stream.setReadTimeout(TIMEOUT);
            byte[] answer = Frames.read(stream, MAX_ANSWER);
            return Integer.parseInt(new String(answer, StandardCharsets.UTF_8));
        } catch (NumberFormatException e) {
            throw new IOException("the answer is not a number", e);
        }
    }
}
