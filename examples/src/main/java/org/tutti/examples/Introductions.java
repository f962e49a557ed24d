package org.tutti.examples;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// A protocol of one's own that finds peers: whoever connects is asked whom else it knows, and
/// those are dialled. It says goodbye when its host is closed.
///
/// It uses all that a host offers to a behaviour, and nothing else: the built-in protocols have no
/// more.
public final class Introductions implements NetworkBehaviour {
    /// Asked with nothing, answered with one line for each peer: an address that ends in its id.
    public static final String PROTOCOL = "/tutti/examples/introductions/1.0.0";

    /// Opened to say goodbye; carries nothing.
    public static final String GOODBYE = "/tutti/examples/goodbye/1.0.0";

    /// A peer that somebody introduced is connected.
    public record Met(PeerId peer, PeerId introducedBy) implements HostEvent {}

    /// A peer that somebody introduced cannot be reached.
    public record NotMet(PeerId peer, String reason) implements HostEvent {}

    /// A peer is about to go.
    public record Leaving(PeerId peer) implements HostEvent {}

    private static final int MAX_STREAMS_PER_PEER = 4;
    private static final int MAX_ANSWER = 16 * 1024;
    private static final int MAX_PEERS = 32;
    private static final Duration LAST_WORD = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /// The host, and the deadlines of exchanges with its peers.
    private record Attachment(BehaviourContext context, Deadlines exchanges) {}

    // Volatile: written once, when the host is built.
    private volatile @Nullable Attachment attachment;
    private final Set<PeerId> introduced = ConcurrentHashMap.newKeySet();

    @Override
    public List<InboundProtocol> protocols() {
        return List.of(
                new InboundProtocol(PROTOCOL, MAX_STREAMS_PER_PEER, this::answer),
                new InboundProtocol(
                        GOODBYE, 1, stream -> context().emit(new Leaving(stream.remotePeer()))));
    }

    @Override
    public void attached(BehaviourContext context) {
        attachment = new Attachment(context, new Deadlines(context.timer(), TIMEOUT));
        // Identify tells what the peer answers, and remembers where it listens.
        var _ = context.subscribe(Identified.class, this::identified);
    }

    private BehaviourContext context() {
        return attachment().context;
    }

    private Attachment attachment() {
        Attachment known = attachment;
        if (known == null) {
            throw new IllegalStateException("belongs to no host yet");
        }
        return known;
    }

    /// Answers nobody from now on; peers hear of it.
    public void keepToMyself() {
        context().unhandle(PROTOCOL);
    }

    private void identified(Identified event) {
        if (event.info().protocols().contains(PROTOCOL)) {
            context().start("introductions", () -> ask(event.peer()));
        }
    }

    private void ask(PeerId friend) {
        try (Stream stream =
                context().openStream(friend, DialOptions.defaults().noDial(), PROTOCOL)) {
            Deadlines.Deadline deadline = attachment().exchanges.start(stream::reset);
            try {
                stream.closeWrite();
                String answer = new String(Frames.read(stream, MAX_ANSWER), StandardCharsets.UTF_8);
                answer.lines().limit(MAX_PEERS).forEach(line -> meet(line, friend));
            } finally {
                deadline.cancel();
            }
        } catch (IOException e) {
            // It has gone, or does not want to say.
        }
    }

    private void meet(String line, PeerId friend) {
        Multiaddr address;
        try {
            address = Multiaddr.parse(line);
        } catch (IllegalArgumentException e) {
            return;
        }
        PeerId peer = address.peerId().orElse(context().self());
        if (peer.equals(context().self()) || !context().connections(peer).isEmpty()) {
            return;
        }
        introduced.add(peer);
        context().addAddresses(peer, List.of(address.withoutPeerId()));
        context()
                .start(
                        "meet",
                        () -> {
                            try {
                                context().dial(peer, DialOptions.defaults().only(address));
                                context().emit(new Met(peer, friend));
                            } catch (IOException e) {
                                // Told by dialFailed.
                            }
                        });
    }

    @Override
    public void dialFailed(PeerId peer, SwarmException cause) {
        if (introduced.contains(peer)) {
            context().emit(new NotMet(peer, cause.code()));
        }
    }

    @Override
    public void connectionClosed(Connection connection) {
        introduced.remove(connection.remotePeer());
    }

    /// Everybody who is connected but the one who asks, at the best address that is known.
    private void answer(Stream stream) throws IOException {
        stream.setWriteTimeout(TIMEOUT);
        String lines =
                context().connections().stream()
                        .map(Connection::remotePeer)
                        .distinct()
                        .filter(peer -> !peer.equals(stream.remotePeer()))
                        .flatMap(peer ->
                                context().addresses(peer).stream()
                                        .limit(1)
                                        .map(a -> a.withPeerId(peer).toString()))
                        .collect(Collectors.joining("\n"));
        Frames.write(stream, lines.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void stopping() {
        for (Connection connection : context().connections()) {
            try (Stream stream = connection.openStreamLazily(GOODBYE)) {
                stream.closeWrite();
                // Until it was heard: the connection is closed next.
                stream.setReadTimeout(LAST_WORD);
                var _ = stream.read(new byte[1], 0, 1);
            } catch (IOException e) {
                // It has gone already, or does not care.
            }
        }
    }
}
