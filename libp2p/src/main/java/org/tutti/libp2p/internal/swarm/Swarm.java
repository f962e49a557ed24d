package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.time.Tasks;
import org.tutti.libp2p.metrics.HostStats;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.AddressesChanged;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Listener;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// All connections of one host.
///
/// Threads: callers wait for dials on their own thread; each listener, each attempt at an address,
/// each inbound upgrade, each open connection and each inbound stream has a virtual thread, all
/// counted in `tasks`. The lock of this object guards `connections`, `listeners`, `state` and when
/// it was trimmed; nothing blocks and nobody else's code runs under it. Events are put into their
/// queues under it, so that a connection's end never overtakes its beginning.
public final class Swarm implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Swarm.class.getName());

    /// How long closing waits for handlers that find their streams ended, before it interrupts
    /// them.
    private static final Duration HANDLER_WAIT = Duration.ofMillis(500);

    /// How long closing waits for threads after that: they end at once unless a handler hangs.
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    /// Looking for what to close costs as much as there are connections.
    private static final long TRIM_INTERVAL = 1_000_000_000L;

    private enum State {
        NEW,
        RUNNING,
        CLOSED
    }

    private final SwarmConfig config;
    private final Tasks tasks = new Tasks();
    private final EventBus events;
    private final Protections protections = new Protections();
    private final Refusals refusals;
    private final AddressManager addresses;
    private final ProtocolTable protocols = new ProtocolTable();
    private final Traffic traffic = new Traffic();
    private final AtomicLong connectionIds = new AtomicLong();
    private final StreamRouter streams;
    private final InboundStreams inboundStreams;
    private final Acceptor acceptor;
    private final Dialer dialer;
    private final ConnectionTable<SwarmConnection> connections;
    private final Retirement retirement = new Retirement(this);
    private final Liveness liveness;
    private final List<Listener> listeners = new ArrayList<>();
    private State state = State.NEW;
    private boolean trimmed;
    private long trimmedAt;

    public Swarm(SwarmConfig config) {
        this.config = config;
        ResourceLimits limits = config.limits();
        this.refusals = new Refusals(config.metrics(), config.timer().nanoTime());
        this.events = new EventBus(limits.maxPendingEvents(), tasks);
        this.streams =
                new StreamRouter(
                        this,
                        protocols,
                        new Deadlines(config.timer(), limits.negotiationTimeout()),
                        config.timer()::nanoTime);
        this.inboundStreams = new InboundStreams(limits);
        this.connections =
                new ConnectionTable<>(
                        config.self(),
                        limits.maxConnections(),
                        limits.maxConnectionsPerPeer(),
                        limits.maxConnectionsPerHost());
        this.acceptor = new Acceptor(this, new Deadlines(config.timer(), limits.upgradeTimeout()));
        this.dialer = new Dialer(this);
        this.addresses =
                new AddressManager(
                        config.interfaces(), config.timer(), tasks, this::addressesChanged);
        config.memory().onRefused((peer, reason) -> streamRefused(peer, "", reason, ""));
        this.liveness = new Liveness(this, config.liveness(), retirement);
        // On a thread of its own: closing may wait for a remote that does not read.
        config.gater().onChange(() -> tasks.start("libp2p-gate", this::closeIfNoLongerAllowed));
    }

    /// From now on the swarm can listen and dial.
    ///
    /// @throws IllegalStateException if it was started or closed before
    public synchronized void start() {
        if (state != State.NEW) {
            throw new IllegalStateException(
                    state == State.RUNNING ? "the host was started before" : "the host is closed");
        }
        state = State.RUNNING;
    }

    /// Opens a listener.
    ///
    /// @param address without the id of another peer
    /// @return the addresses that were bound, each interface of a wildcard
    /// @throws IOException naming the address, if it cannot be bound
    public List<Multiaddr> listen(Multiaddr address) throws IOException {
        Multiaddr bare = ListenAddress.check(address, config.self());
        Listener listener =
                config.transports().stream()
                        .filter(t -> t.handles(bare))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalArgumentException("no transport for " + address))
                        .listen(bare);
        synchronized (this) {
            if (state != State.RUNNING) {
                listener.close();
                throw new SwarmClosedException();
            }
            listeners.add(listener);
        }
        List<Multiaddr> bound = addresses.listening(listener.addresses());
        bound.forEach(a -> events.publish(new SwarmEvent.Listening(a)));
        addressesChanged(addresses.known());
        tasks.start("libp2p-accept", () -> acceptor.run(listener));
        return bound;
    }

    private void addressesChanged(OwnAddresses.Known known) {
        events.publish(new AddressesChanged(known.listen(), known.external()));
        config.listener().addressesChanged();
    }

    /// Where the swarm can be dialled, without `/p2p`: a listener on all interfaces counts once for
    /// each address that they have.
    public List<Multiaddr> listenAddresses() {
        return addresses.known().listen();
    }

    /// Which peers' connections are not closed to make room, and why.
    public Protections protections() {
        return protections;
    }

    boolean isProtected(PeerId peer) {
        return protections.isProtected(peer);
    }

    /// Tells subscribers of a stream that a limit reset.
    ///
    /// @param protocol empty if none was agreed on yet
    void streamRefused(SwarmConnection connection, String protocol, String reason) {
        streamRefused(connection.remotePeer(), protocol, reason, connection.id());
    }

    private void streamRefused(PeerId peer, String protocol, String reason, String connectionId) {
        refusals.add(
                reason,
                "a stream of "
                        + peer
                        + (protocol.isEmpty() ? "" : " for " + protocol)
                        + (connectionId.isEmpty() ? "" : " on " + connectionId),
                config.timer().nanoTime());
        events.publish(new StreamRefused(peer, protocol, reason, connectionId));
    }

    /// What is open now, and what was counted since the beginning.
    public HostStats stats() {
        List<Connection> open = connections();
        Traffic.Bytes bytes = traffic.total();
        return new HostStats(
                open.size(),
                open.stream().mapToInt(Connection::streamCount).sum(),
                bytes.in(),
                bytes.out(),
                refusals());
    }

    /// How many connections and streams were refused, by reason.
    public Map<String, Long> refusals() {
        return refusals.counts();
    }

    /// Bytes that are reserved of the budget of receive memory.
    public long receiveMemory() {
        return config.memory().used();
    }

    /// Our own id.
    public PeerId self() {
        return config.self();
    }

    /// Where the swarm can be reached beside its listen addresses, without `/p2p`: announced, or
    /// confirmed by several peers.
    public List<Multiaddr> externalAddresses() {
        return addresses.known().external();
    }

    /// Announces one, unless it is known or there are too many.
    public void addExternalAddress(Multiaddr address) {
        addresses.announce(address);
    }

    public void removeExternalAddress(Multiaddr address) {
        addresses.withdraw(address);
    }

    /// The peer at the other end of a connection said how it sees ours.
    public void observed(Connection connection, Multiaddr observed) {
        addresses.observed(connection, observed);
    }

    /// The open connection to a peer, or a new one to whichever of the addresses answers first:
    /// they are dialled a little apart, see [DialRanker]. Several callers that want the same peer
    /// at once share one dial; it ends when none of them waits any longer.
    ///
    /// @param known where to dial if the options do not say it; asked only for a dial
    /// @throws NotConnectedException if none is open and the options allow no dial
    /// @throws DialFailedException if no address works
    /// @throws GatedException if the gater forbids every address
    /// @throws LimitExceededException if a bound of ours is reached
    public Connection connect(PeerId peer, DialOptions options, Supplier<List<Multiaddr>> known)
            throws IOException {
        return dialer.connect(peer, options, known);
    }

    /// The open connection that new streams to a peer take: a limited one only if there is no other
    /// and it will do.
    public Optional<Connection> connection(PeerId peer, boolean allowLimited) {
        return preferred(peer, allowLimited).map(c -> c);
    }

    synchronized Optional<SwarmConnection> preferred(PeerId peer, boolean allowLimited) {
        Optional<SwarmConnection> direct =
                connections.preferred(peer, c -> c.isOpen() && !c.isLimited());
        return direct.isPresent() || !allowLimited
                ? direct
                : connections.preferred(peer, SwarmConnection::isOpen);
    }

    /// From now on these peers are members, together with those of other tags: they are pinged more
    /// often, and lost sooner.
    public void setMembers(String tag, Set<PeerId> peers) {
        liveness.setMembers(tag, peers);
    }

    /// The round-trip time that was measured last on the connection that new streams take.
    public Optional<Duration> roundTrip(PeerId peer) {
        return preferred(peer, true).flatMap(SwarmConnection::roundTripTime);
    }

    /// The open connections to a peer.
    public List<Connection> connections(PeerId peer) {
        return List.copyOf(open(peer));
    }

    synchronized List<SwarmConnection> open(PeerId peer) {
        return connections.of(peer).stream().filter(SwarmConnection::isOpen).toList();
    }

    public synchronized List<Connection> connections() {
        return List.copyOf(connections.all());
    }

    public synchronized List<PeerId> connectedPeers() {
        return connections.peers();
    }

    /// Answers a protocol from now on.
    ///
    /// @param maxStreamsPerPeer open inbound streams of one peer; one more is reset
    public void handle(String protocol, int maxStreamsPerPeer, StreamHandler handler) {
        protocols.add(new ProtocolTable.Entry(protocol, maxStreamsPerPeer, handler));
        config.listener().protocolsChanged();
    }

    /// Answers the protocol no longer; streams that are open go on.
    public void unhandle(String protocol) {
        protocols.remove(protocol);
        config.listener().protocolsChanged();
    }

    /// The protocols that are answered, in alphabetical order.
    public List<String> protocols() {
        return protocols.sorted();
    }

    /// Calls the subscriber with every event of this type from now on, until the result is closed.
    public <E extends HostEvent> AutoCloseable subscribe(
            Class<E> type, Consumer<? super E> subscriber) {
        return events.subscribe(type, subscriber);
    }

    /// Notes what the remote said that it answers, so that `Connection.openStream` can save a round
    /// trip: for identify.
    ///
    /// @param connection one of this swarm's
    public void remoteSupports(Connection connection, Set<String> protocols) {
        ((SwarmConnection) connection).remoteSupports(protocols);
    }

    /// Tells the subscribers: for behaviours.
    public void publish(HostEvent event) {
        events.publish(event);
    }

    /// Tells behaviours and subscribers of a dial that led to no connection.
    void dialFailed(PeerId peer, SwarmException cause) {
        config.listener().dialFailed(peer, cause);
        events.publish(new SwarmEvent.DialFailed(peer, cause));
    }

    /// Tells behaviours and subscribers of an inbound connection that was closed early.
    ///
    /// @param reason what is counted: the code, or the limit
    void inboundRefused(Multiaddr remoteAddress, String code, String reason, String detail) {
        refusals.add(reason, "a connection from " + remoteAddress, config.timer().nanoTime());
        config.listener().inboundRefused(remoteAddress, code, detail);
        events.publish(new SwarmEvent.InboundRefused(remoteAddress, code, detail));
    }

    /// Closes every connection that the gater would no longer allow.
    ///
    /// @return how many
    public int closeIfNoLongerAllowed() {
        int closed = 0;
        for (Connection c : connections()) {
            if (!config.gater().allowSecured(c.remotePeer(), c.remoteAddress(), c.isOutbound())) {
                // Each on its own: one that does not read must not hold up the others.
                tasks.start("libp2p-gate", c::close);
                closed++;
            }
        }
        return closed;
    }

    /// Takes in a connection that was just upgraded, and starts to take its streams.
    ///
    /// @throws LimitExceededException if the table is full and nothing can be evicted
    /// @throws SwarmClosedException if the swarm was closed meanwhile
    SwarmConnection register(CapableConnection upgraded, boolean outbound) throws SwarmException {
        SwarmConnection connection =
                new SwarmConnection(
                        "c" + connectionIds.incrementAndGet(),
                        this,
                        upgraded,
                        outbound,
                        config.timer().nanoTime());
        try {
            connection.classify(config.gater().classOf(connection.remotePeer()));
            addOrEvict(connection);
            trim();
        } catch (SwarmException | RuntimeException e) {
            connection.close();
            throw e;
        }
        LOG.log(System.Logger.Level.DEBUG, () -> "opened " + connection);
        config.metrics().connectionOpened(connection);
        connection.tellRefusedStreams();
        boolean welcome = false;
        try {
            // The rules may have changed since it was checked, before it was in the table.
            requireStillAllowed(connection);
            config.listener().connectionOpened(connection);
            welcome = true;
            liveness.added(connection);
        } finally {
            // Nobody would take its streams, and it would stay in the table for ever.
            if (!welcome) {
                connection.close();
                forget(connection, "a behaviour failed, or it is no longer allowed");
            }
        }
        return connection;
    }

    private void requireStillAllowed(Connection c) throws GatedException {
        if (!config.gater().allowSecured(c.remotePeer(), c.remoteAddress(), c.isOutbound())) {
            throw new GatedException(c.remotePeer());
        }
    }

    /// Closes others in its favour as long as a limit is reached. Each attempt takes one away, and
    /// there are no more limits than these.
    private void addOrEvict(SwarmConnection connection) throws SwarmException {
        for (int attempts = ConnectionTable.LIMITS; ; attempts--) {
            try {
                add(connection);
                return;
            } catch (LimitExceededException e) {
                Optional<SwarmConnection> victim = takeVictim(e.limit(), connection.owner());
                if (victim.isEmpty() || attempts == 0) {
                    throw e;
                }
                victim.get().close();
            }
        }
    }

    private synchronized void add(SwarmConnection connection) throws SwarmException {
        if (state != State.RUNNING) {
            throw new SwarmClosedException();
        }
        int count = connections.add(connection, connection.owner(), config.timer().nanoTime());
        retirement.added(connection.remotePeer(), count);
        events.publish(
                new SwarmEvent.ConnectionOpened(
                        connection.remotePeer(),
                        connection.remoteAddress(),
                        connection.isOutbound(),
                        count,
                        connection.id()));
        traffic.opened(connection);
    }

    /// Above the high water mark closes what is worth least, at most once in `TRIM_INTERVAL`.
    private void trim() {
        List<SwarmConnection> victims;
        synchronized (this) {
            long now = config.timer().nanoTime();
            if (connections.total() <= limits().highWater()
                    || (trimmed && now - trimmedAt < TRIM_INTERVAL)) {
                return;
            }
            trimmed = true;
            trimmedAt = now;
            victims =
                    Trimming.victims(
                            connections.candidates(
                                    SwarmConnection::isProtected,
                                    protections::value,
                                    SwarmConnection::isIdle),
                            limits().lowWater(),
                            limits().trimGrace().toNanos(),
                            now);
            victims.forEach(c -> connections.remove(c.remotePeer(), c));
        }
        // Each on its own: one that does not read must not hold up the others.
        victims.forEach(c -> tasks.start("libp2p-trim", c::close));
    }

    private synchronized Optional<SwarmConnection> takeVictim(
            String limit, ConnectionTable.Owner newcomer) {
        Optional<SwarmConnection> victim = victim(limit, newcomer);
        victim.ifPresent(c -> connections.remove(c.remotePeer(), c));
        return victim;
    }

    /// With the lock held.
    private Optional<SwarmConnection> victim(String limit, ConnectionTable.Owner newcomer) {
        return connections.victimFor(
                limit, newcomer, c -> !c.isProtected(), SwarmConnection::isIdle);
    }

    /// Refuses a peer for whose connection there would be no room, before the muxer has begun.
    ///
    /// @throws LimitExceededException if there is none
    void requireRoom(PeerId peer, Multiaddr remoteAddress, boolean outbound)
            throws LimitExceededException {
        ConnectionTable.Owner owner =
                new ConnectionTable.Owner(
                        peer, RemoteHost.of(remoteAddress), config.gater().classOf(peer), outbound);
        synchronized (this) {
            Optional<LimitExceededException> limit = connections.limitReached(owner);
            if (limit.isPresent() && victim(limit.get().limit(), owner).isEmpty()) {
                throw limit.get();
            }
        }
    }

    /// Descriptors have run out, which is as if a table were full: closes an inbound connection,
    /// one that has proven nothing yet before one that carries streams.
    ///
    /// @return false if there is none that may go
    boolean freeDescriptor() {
        if (acceptor.evictOne()) {
            return true;
        }
        Optional<SwarmConnection> evicted;
        synchronized (this) {
            evicted = connections.anyVictim(c -> !c.isProtected(), SwarmConnection::isIdle);
            evicted.ifPresent(c -> connections.remove(c.remotePeer(), c));
        }
        evicted.ifPresent(c -> c.close(LimitExceededException.DESCRIPTORS + " have run out"));
        return evicted.isPresent();
    }

    /// Takes the streams of a registered connection until it ends, then forgets it.
    void run(SwarmConnection connection) {
        String reason = "the thread of the connection failed";
        try {
            reason = connection.run();
        } finally {
            connection.close();
            forget(connection, reason);
        }
    }

    private void forget(SwarmConnection connection, String reason) {
        PeerId peer = connection.remotePeer();
        synchronized (this) {
            int left = connections.remove(peer, connection);
            events.publish(
                    new SwarmEvent.ConnectionClosed(
                            peer,
                            connection.remoteAddress(),
                            connection.isOutbound(),
                            reason,
                            left,
                            connection.id()));
            traffic.ended(connection);
        }
        LOG.log(System.Logger.Level.DEBUG, () -> "ended " + connection + ": " + reason);
        addresses.ended(connection);
        connection.meters().ended();
        config.metrics()
                .connectionClosed(
                        connection,
                        Duration.ofNanos(config.timer().nanoTime() - connection.openedAt()));
        liveness.removed(connection);
        retirement.removed(connection);
        config.listener().connectionClosed(connection);
    }

    synchronized boolean isRunning() {
        return state == State.RUNNING;
    }

    SwarmConfig config() {
        return config;
    }

    ResourceLimits limits() {
        return config.limits();
    }

    /// The threads that end with the swarm.
    public Tasks tasks() {
        return tasks;
    }

    StreamRouter streams() {
        return streams;
    }

    InboundStreams inboundStreams() {
        return inboundStreams;
    }

    /// Closes listeners and connections, and waits for their threads. Idempotent.
    @Override
    public void close() {
        boolean wasRunning;
        List<Listener> open;
        List<Connection> remaining;
        synchronized (this) {
            wasRunning = state == State.RUNNING;
        }
        if (wasRunning) {
            config.listener().stopping();
        }
        synchronized (this) {
            state = State.CLOSED;
            open = List.copyOf(listeners);
            listeners.clear();
            remaining = connections();
        }
        open.forEach(Listener::close);
        addresses.close();
        acceptor.close();
        dialer.close();
        remaining.forEach(Connection::close);
        if (!awaitThreads() && wasRunning) {
            streams.nameHandlers();
        }
    }

    /// @return false if some have not ended
    private boolean awaitThreads() {
        try {
            if (tasks.awaitIdle(HANDLER_WAIT)) {
                return true;
            }
            streams.interruptHandlers();
            return tasks.awaitIdle(CLOSE_WAIT);
        } catch (InterruptedException e) {
            streams.interruptHandlers();
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
