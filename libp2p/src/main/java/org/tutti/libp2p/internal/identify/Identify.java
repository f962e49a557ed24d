package org.tutti.libp2p.internal.identify;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pb.IdentifyPb;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.Deadlines;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks every peer that connects who it is, answers the same question, and tells connected peers
/// when our answer changes (libp2p/specs identify/README.md).
public final class Identify implements NetworkBehaviour {
    public static final String PROTOCOL = "/ipfs/id/1.0.0";
    public static final String PUSH_PROTOCOL = "/ipfs/id/push/1.0.0";

    /// What we say as protocol version: that of go and js.
    public static final String PROTOCOL_VERSION = "ipfs/0.1.0";

    /// Inbound streams of one peer. go allows 16, js opens one per connection.
    private static final int MAX_INBOUND_STREAMS = 16;

    /// Inbound pushes of one peer at once.
    private static final int MAX_INBOUND_PUSHES = 2;

    /// How long an exchange may take in all.
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /// How long a host that is closed waits for answers that are being made.
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(Identify.class.getName());

    /// The host, and the deadlines of exchanges with its peers.
    private record Attachment(BehaviourContext context, Deadlines exchanges) {}

    private final IdentifyMessage own;
    private final IdentifyReader reader;
    private final PushBudget budget;

    /// Its lock guards it.
    private final PushPlan<Connection> pushes = new PushPlan<>();

    // Volatile: written once, when the host is built.
    private volatile @Nullable Attachment attachment;

    /// Streams on which an answer is being made or written, as many as have a handler. Its lock
    /// guards it.
    private final Set<Stream> answering = Collections.newSetFromMap(new IdentityHashMap<>());

    // Entries live as long as their connections.
    private final ConcurrentMap<Connection, CompletableFuture<PeerInfo>> answers =
            new ConcurrentHashMap<>();

    /// @param maxPeers of how many peers the signed record is remembered
    public Identify(int maxPeers, LocalIdentity self) {
        this.own =
                new IdentifyMessage(
                        self.key(), self.protocolVersion(), self.agentVersion(), self.clock());
        this.reader = new IdentifyReader(new CertifiedAddresses(maxPeers));
        this.budget = new PushBudget(maxPeers);
    }

    @Override
    public void attached(BehaviourContext newContext) {
        attachment = new Attachment(newContext, new Deadlines(newContext.timer(), TIMEOUT));
    }

    private BehaviourContext context() {
        return attachment().context;
    }

    private Attachment attachment() {
        Attachment known = attachment;
        if (known == null) {
            throw new IllegalStateException("identify belongs to no host yet");
        }
        return known;
    }

    @Override
    public List<InboundProtocol> protocols() {
        return List.of(
                new InboundProtocol(PROTOCOL, MAX_INBOUND_STREAMS, this::answer),
                new InboundProtocol(PUSH_PROTOCOL, MAX_INBOUND_PUSHES, this::receivePush));
    }

    @Override
    public void connectionOpened(Connection connection) {
        CompletableFuture<PeerInfo> answer = new CompletableFuture<>();
        answers.put(connection, answer);
        synchronized (pushes) {
            pushes.opened(connection);
        }
        try {
            Stream stream = connection.openStreamLazily(PROTOCOL);
            // The request is the protocol's name: all is said. And said here, because it may
            // travel with the last bytes of the handshake.
            stream.closeWrite();
            context().start("libp2p-identify", () -> await(stream, answer));
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
    }

    @Override
    public void connectionClosed(Connection connection) {
        synchronized (pushes) {
            pushes.ended(connection);
        }
        CompletableFuture<PeerInfo> answer = answers.remove(connection);
        if (answer != null && !answer.isDone()) {
            answer.completeExceptionally(new IOException("the connection ended before identify"));
        }
    }

    /// Waits until the remote has said who it is.
    ///
    /// @throws IOException if it did not, or not properly, or not in time
    public PeerInfo await(Connection connection, Duration timeout) throws IOException {
        CompletableFuture<PeerInfo> answer = answers.get(connection);
        if (answer == null) {
            throw new IOException("the connection is closed");
        }
        try {
            // An exchange has a deadline of its own: no need for a second.
            return timeout.compareTo(TIMEOUT) >= 0
                    ? answer.get()
                    : answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while waiting for identify");
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("the remote did not identify itself in time");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause == null ? "identify failed" : cause.getMessage(), cause);
        }
    }

    @Override
    public void protocolsChanged() {
        changed();
    }

    @Override
    public void addressesChanged() {
        changed();
    }

    private void changed() {
        boolean schedule;
        synchronized (pushes) {
            schedule = pushes.changed();
        }
        if (schedule) {
            schedulePushes();
        }
    }

    private void schedulePushes() {
        context().timer().schedule(Duration.ofNanos(PushPlan.QUIET_NANOS), this::startPushes);
    }

    private void startPushes() {
        int threads;
        synchronized (pushes) {
            threads = pushes.due();
        }
        for (int i = 0; i < threads; i++) {
            context().start("libp2p-push", this::push);
        }
    }

    private void push() {
        for (Optional<Connection> next = next(); next.isPresent(); next = next()) {
            push(next.get());
        }
    }

    private Optional<Connection> next() {
        synchronized (pushes) {
            return pushes.next();
        }
    }

    private void await(Stream stream, CompletableFuture<PeerInfo> answer) {
        try (stream) {
            answer.complete(learn(stream, readInTime(stream), Optional.empty()));
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> stream + ": " + e.getMessage());
            answer.completeExceptionally(e);
        }
    }

    private IdentifyPb readInTime(Stream stream) throws IOException {
        Deadlines.Deadline deadline = attachment().exchanges.start(stream::reset);
        try {
            return IdentifyReader.read(stream);
        } catch (IOException e) {
            if (deadline.cancel()) {
                throw e;
            }
            SocketTimeoutException late = new SocketTimeoutException("identify took too long");
            late.initCause(e);
            throw late;
        } finally {
            deadline.cancel();
        }
    }

    private void answer(Stream stream) throws IOException {
        synchronized (answering) {
            answering.add(stream);
        }
        try {
            write(stream);
        } finally {
            synchronized (answering) {
                answering.remove(stream);
                answering.notifyAll();
            }
        }
    }

    /// Whoever asked gets the answer that is being made, which an RSA signature takes its time for:
    /// of a host that is closed right after its last ping nobody would know who it was.
    @Override
    public void stopping() {
        long end = System.nanoTime() + LAST_ANSWERS.toNanos();
        try {
            synchronized (answering) {
                for (long left = LAST_ANSWERS.toNanos();
                        !answering.isEmpty() && left > 0;
                        left = end - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(answering, left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void push(Connection connection) {
        try (Stream stream = connection.openStream(PUSH_PROTOCOL)) {
            write(stream);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> connection + ": " + e.getMessage());
        }
    }

    private void receivePush(Stream stream) throws IOException {
        if (!budget.take(stream.remotePeer(), context().timer().nanoTime())) {
            throw new LimitExceededException("identifyPushes", PushBudget.BURST);
        }
        learn(stream, readInTime(stream), context().peerInfo(stream.remotePeer()));
    }

    private void write(Stream stream) throws IOException {
        synchronized (pushes) {
            pushes.told(stream.connection(), pushes.version());
        }
        Deadlines.Deadline deadline = attachment().exchanges.start(stream::reset);
        try {
            byte[] message =
                    Frames.encode(
                            own.encode(
                                    context().protocols(),
                                    ownAddresses(),
                                    stream.connection().remoteAddress()));
            stream.writeLast(message, 0, message.length);
        } finally {
            deadline.cancel();
        }
    }

    private List<Multiaddr> ownAddresses() {
        List<Multiaddr> external = context().externalAddresses();
        List<Multiaddr> listen = context().listenAddresses();
        return external.isEmpty()
                ? listen
                : java.util.stream.Stream.concat(listen.stream(), external.stream())
                        .distinct()
                        .toList();
    }

    private PeerInfo learn(Stream stream, IdentifyPb message, Optional<PeerInfo> before)
            throws IOException {
        PeerId peer = stream.remotePeer();
        PeerInfo info = reader.interpret(peer, message, before);
        context().rememberPeerInfo(info);
        context().remoteSupports(stream.connection(), Set.copyOf(info.protocols()));
        boolean schedule;
        synchronized (pushes) {
            schedule =
                    pushes.supports(stream.connection(), info.protocols().contains(PUSH_PROTOCOL));
        }
        if (schedule) {
            schedulePushes();
        }
        context().emit(new Identified(peer, info));
        return info;
    }
}
