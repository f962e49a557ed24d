package org.tutti.libp2p.host;

import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.internal.identify.Identify;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.internal.swarm.Swarm;
import org.tutti.libp2p.internal.wanted.KeepConnected;
import org.tutti.libp2p.metrics.HostStats;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.KeptConnections;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WantedPeers;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A libp2p peer: an identity, where it listens, whom it is connected to and what it speaks. Safe
/// for all threads.
///
/// ```java
/// try (Host host = Host.builder()
///         .identityFile(Path.of("identity.key"))
///         .listen("/ip4/127.0.0.1/tcp/0")
///         .handler("/echo/1.0.0", stream -> stream.inputStream().transferTo(stream.outputStream()))
///         .build()) {
///     host.start();
///     Connection connection = host.connect("/ip4/…/tcp/…/p2p/12D3Koo…");
///     System.out.println(host.ping(connection.remotePeer()));
/// }
/// ```
public final class Host implements AutoCloseable {
    /// How long `ping` waits for an answer.
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(10);

    private final PublicKey key;
    private final HostConfig config;
    private final Swarm swarm;
    private final PeerStore store;
    private final HostContext context;
    private final Behaviours behaviours;
    private final Identify identify;
    private final Ping ping;
    private final KeepConnected keeper;

    Host(
            HostConfig config,
            HostContext context,
            Behaviours behaviours,
            Identify identify,
            Ping ping,
            KeepConnected keeper) {
        this.key = config.identity().publicKey();
        this.config = config;
        this.context = context;
        this.swarm = context.swarm();
        this.store = context.store();
        this.behaviours = behaviours;
        this.identify = identify;
        this.ping = ping;
        this.keeper = keeper;
    }

    /// Starts with sensible defaults; only the identity has to be given.
    public static HostBuilder builder() {
        return new HostBuilder();
    }

    /// Begins to listen. Call once.
    ///
    /// @throws IllegalStateException if the host was started or closed before
    /// @throws IOException naming the address that cannot be bound; the host is closed then
    public void start() throws IOException {
        config.persistence().ifPresent(PeriodicSave::start);
        config.scores().ifPresent(PeriodicSave::start);
        swarm.start();
        try {
            for (Multiaddr address : config.listen()) {
                swarm.listen(address);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        behaviours.started();
    }

    /// Who this host is to its peers.
    public PeerId peerId() {
        return key.peerId();
    }

    /// The key of its identity.
    public PublicKey publicKey() {
        return key;
    }

    /// Where this host can be dialled, each with `/p2p` and its own id: where it listens, then its
    /// external addresses. [org.tutti.libp2p.swarm.AddressesChanged] tells when this has changed.
    public List<Multiaddr> addresses() {
        return java.util.stream.Stream.concat(
                        listenAddresses().stream(), named(swarm.externalAddresses()).stream())
                .toList();
    }

    /// Where this host listens, each with `/p2p` and its own id.
    public List<Multiaddr> listenAddresses() {
        return named(swarm.listenAddresses());
    }

    private List<Multiaddr> named(List<Multiaddr> addresses) {
        return addresses.stream().map(a -> a.withPeerId(peerId())).toList();
    }

    /// Connects to the peer at this address, or gives the open connection to it. Waits until
    /// streams can be opened. The address is dialled although it failed a moment ago: whoever names
    /// it wants it dialled.
    ///
    /// @param address ends in `/p2p` and the peer's id
    /// @throws org.tutti.libp2p.swarm.SwarmException saying why it cannot be reached
    /// @throws IllegalArgumentException if the address names no peer, or ourselves
    public Connection connect(Multiaddr address) throws IOException {
        PeerId peer =
                address.peerId()
                        .orElseThrow(
                                () -> new IllegalArgumentException(address + " names no peer"));
        return connect(peer, List.of(address));
    }

    /// As the other `connect`, for an address in its text form.
    ///
    /// @throws IllegalArgumentException also if it is none
    public Connection connect(String address) throws IOException {
        return connect(Multiaddr.parse(address));
    }

    /// Connects to a peer at whichever of these addresses answers first, or gives the open
    /// connection. They are dialled a little apart, IPv6 first and otherwise in this order, though
    /// they failed a moment ago.
    ///
    /// @param addresses with or without `/p2p`
    /// @throws org.tutti.libp2p.swarm.SwarmException saying why it cannot be reached
    public Connection connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
        for (Multiaddr address : addresses.reversed()) {
            store.addAddress(peer, address);
        }
        List<Multiaddr> bare = addresses.stream().map(Multiaddr::withoutPeerId).toList();
        return swarm.connect(peer, DialOptions.defaults().ignoreBackoff(), () -> bare);
    }

    /// Connects to a peer at the addresses that are known of it, but for those that failed a short
    /// while ago ([DialOptions#ignoreBackoff]), or gives the open connection.
    ///
    /// @throws org.tutti.libp2p.swarm.SwarmException saying why it cannot be reached
    public Connection connect(PeerId peer) throws IOException {
        return connect(peer, DialOptions.defaults());
    }

    /// An open connection to a peer, or a new one, as the options say.
    ///
    /// @throws org.tutti.libp2p.swarm.SwarmException saying why there is none
    public Connection connect(PeerId peer, DialOptions options) throws IOException {
        return context.dial(peer, options);
    }

    /// Remembers an address of a peer for `connect(PeerId)` and `newStream`.
    public void addAddress(PeerId peer, Multiaddr address) {
        store.addAddress(peer, address);
    }

    /// Opens a stream to a peer for the first of these protocols that it supports, connecting first
    /// if need be. See `Connection.openStream`.
    public Stream newStream(PeerId peer, String... protocols) throws IOException {
        return connect(peer).openStream(protocols);
    }

    /// Opens a stream to a peer on a connection that is found or made as the options say.
    public Stream newStream(PeerId peer, DialOptions options, String... protocols)
            throws IOException {
        return context.openStream(peer, options, protocols);
    }

    /// Adds an address at which this host can be reached beside those that it listens on, such as
    /// one that a router forwards. Peers are told of it.
    public void addExternalAddress(Multiaddr address) {
        context.addExternalAddress(address);
    }

    /// Takes it away again.
    public void removeExternalAddress(Multiaddr address) {
        context.removeExternalAddress(address);
    }

    /// The addresses that were added so, and those that several peers in different networks see
    /// this host at, without `/p2p`.
    public List<Multiaddr> externalAddresses() {
        return swarm.externalAddresses();
    }

    /// Answers a protocol from now on, and tells connected peers so.
    ///
    /// @throws IllegalArgumentException if it has a handler already
    public void handle(String protocol, StreamHandler handler) {
        handle(
                new InboundProtocol(
                        protocol, config.limits().maxInboundStreamsPerProtocol(), handler));
    }

    /// As the other `handle`, with a bound of its own on the streams of one peer.
    public void handle(InboundProtocol protocol) {
        context.handle(protocol);
    }

    /// Answers the protocol no longer; streams that are open go on.
    public void unhandle(String protocol) {
        swarm.unhandle(protocol);
    }

    /// The peers with at least one open connection.
    public List<PeerId> connectedPeers() {
        return swarm.connectedPeers();
    }

    public boolean isConnected(PeerId peer) {
        return swarm.connection(peer, true).isPresent();
    }

    /// The open connections to a peer.
    public List<Connection> connections(PeerId peer) {
        return swarm.connections(peer);
    }

    /// Closes every connection to a peer.
    public void disconnect(PeerId peer) {
        swarm.connections(peer).forEach(Connection::close);
    }

    /// Closes every connection that the gater would no longer allow: call it when its rules
    /// changed.
    ///
    /// @return how many
    public int closeIfNoLongerAllowed() {
        return swarm.closeIfNoLongerAllowed();
    }

    /// Keeps peers connected: dials them until as many as are wanted are, and again when one is
    /// lost, with backoff and jitter. Their connections are not closed to make room for others.
    ///
    /// @param tag whose peers they are; takes the place of the set with the same tag
    public KeptConnections keepConnected(String tag, WantedPeers wanted) {
        return keeper.keep(tag, wanted);
    }

    /// Makes these peers members, beside those of other tags: peers on whom somebody waits, who are
    /// therefore pinged every 3 s and lost after 9 s without a sign of life, where others are lost
    /// within 30 s ([org.tutti.libp2p.swarm.LivenessPolicy]).
    ///
    /// @param tag whose set it is; takes the place of the set with the same tag
    public void setMembers(String tag, Set<PeerId> peers) {
        swarm.setMembers(tag, peers);
    }

    /// The round-trip time to a connected peer that was measured last: with each ping of a member,
    /// now and then of others.
    public Optional<Duration> roundTrip(PeerId peer) {
        return swarm.roundTrip(peer);
    }

    /// Keeps the connections of a peer from being closed to make room for others, until the same
    /// tag is taken away.
    ///
    /// @param tag whose protection it is
    public void protect(PeerId peer, String tag) {
        swarm.protections().protect(peer, tag);
    }

    /// @return whether the peer is still protected, by another tag
    public boolean unprotect(PeerId peer, String tag) {
        return swarm.protections().unprotect(peer, tag);
    }

    /// Gives a peer a value, in place of the one that it has by the same tag: of connections above
    /// [org.tutti.libp2p.swarm.ResourceLimits#highWater()] those are closed whose peers' values sum
    /// up to least.
    public void tag(PeerId peer, String tag, int value) {
        swarm.protections().tag(peer, tag, value);
    }

    /// Takes a value away again.
    public void untag(PeerId peer, String tag) {
        swarm.protections().untag(peer, tag);
    }

    /// How many connections and streams this host has refused, by reason: a code of
    /// [SwarmEvent.InboundRefused], or the name of the limit that was reached.
    public Map<String, Long> refusals() {
        return swarm.refusals();
    }

    /// How many connections and streams are open, and what was received, sent and refused so far.
    public HostStats stats() {
        return swarm.stats();
    }

    /// How many bytes are reserved of what `ResourceLimits.maxReceiveMemory` bounds.
    public long receiveMemory() {
        return swarm.receiveMemory();
    }

    /// What a peer last said about itself.
    public Optional<PeerInfo> identified(PeerId peer) {
        return store.info(peer);
    }

    /// What is held against peers, by all protocols of this host together.
    public PeerScores peerScores() {
        return context.peerScores();
    }

    /// Waits until the peer at the other end has said who it is.
    ///
    /// @throws IOException if it does not, or not properly, or not in time
    public PeerInfo awaitIdentified(Connection connection, Duration timeout) throws IOException {
        return identify.await(connection, timeout);
    }

    /// Pings a peer once, on a stream of its own, connecting first if need be.
    ///
    /// @return the round-trip time
    public Duration ping(PeerId peer) throws IOException {
        return ping.ping(connect(peer), PING_TIMEOUT);
    }

    /// Opens a stream for many pings.
    public PingStream openPing(Connection connection) throws IOException {
        return ping.open(connection, PING_TIMEOUT);
    }

    /// Calls the subscriber with every event of connections from now on, in order and on a thread
    /// of its own, until the result is closed. A subscriber that is too slow misses events and is
    /// told how many.
    public AutoCloseable subscribe(Consumer<? super SwarmEvent> subscriber) {
        return subscribe(SwarmEvent.class, subscriber);
    }

    /// As the other `subscribe`, for one type of event: one that a protocol tells, such as
    /// [org.tutti.libp2p.identify.Identified], or [HostEvent] for all of them in their order.
    public <E extends HostEvent> AutoCloseable subscribe(
            Class<E> type, Consumer<? super E> subscriber) {
        return swarm.subscribe(type, subscriber);
    }

    /// How many virtual threads the host runs: none soon after `close`.
    public int runningThreads() {
        return swarm.tasks().running();
    }

    /// Stops listening, ends every connection, and waits a moment for threads to end. A handler
    /// that still runs half a second after its stream has ended is interrupted; one that runs two
    /// seconds later is named in the log and told as [org.tutti.libp2p.swarm.HandlerStillRunning].
    /// Idempotent.
    @Override
    public void close() {
        swarm.close();
        config.persistence().ifPresent(PeriodicSave::close);
        config.scores().ifPresent(PeriodicSave::close);
        config.timer().close();
    }
}
