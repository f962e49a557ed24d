package org.tutti.libp2p.host;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.dns.DnsResolver;
import org.tutti.libp2p.dns.Resolver;
import org.tutti.libp2p.identity.IdentityFile;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.internal.identify.Identify;
import org.tutti.libp2p.internal.identify.LocalIdentity;
import org.tutti.libp2p.internal.peerscore.PeerScorePersistence;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.internal.peerstore.PeerStorePersistence;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.internal.swarm.AddressResolver;
import org.tutti.libp2p.internal.swarm.Admission;
import org.tutti.libp2p.internal.swarm.GuardedMetrics;
import org.tutti.libp2p.internal.swarm.MeasuredTransport;
import org.tutti.libp2p.internal.swarm.MeasuredUpgrader;
import org.tutti.libp2p.internal.swarm.MemoryBudget;
import org.tutti.libp2p.internal.swarm.Swarm;
import org.tutti.libp2p.internal.swarm.SwarmConfig;
import org.tutti.libp2p.internal.upgrade.ConnectionUpgrader;
import org.tutti.libp2p.internal.wanted.KeepConnected;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.StreamMuxer;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.peerscore.PeerScoreStorage;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.peerstore.PeerStorage;
import org.tutti.libp2p.security.SecurityProtocol;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.InterfaceSource;
import org.tutti.libp2p.swarm.LivenessPolicy;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.Timer;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.TransportFactory;
import org.tutti.libp2p.transport.UpgradedTransport;
import org.tutti.libp2p.transport.Upgrader;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Wires a host. Defaults: TCP, Noise, Yamux, identify and ping with `ResourceLimits.defaults()`,
/// and a gater that lets everybody connect.
public final class HostBuilder {
    /// What we call ourselves unless told otherwise.
    public static final String AGENT = "tutti/0.1.0";

    /// How long each read of a handler may wait, where neither it nor the builder says otherwise:
    /// as long as a peer may stay silent between two pings.
    private static final Duration HANDLER_READ_TIMEOUT = Duration.ofSeconds(60);

    private record Handler(String protocol, StreamHandler handler) {}

    private @Nullable PrivateKey identity;
    private final List<Multiaddr> listen = new ArrayList<>();
    private final List<Handler> handlers = new ArrayList<>();
    private final List<NetworkBehaviour> behaviours = new ArrayList<>();
    private final List<TransportFactory> transports = new ArrayList<>();
    private final List<SecurityProtocol> securities = new ArrayList<>();
    private final List<StreamMuxer> muxers = new ArrayList<>();
    private ConnectionGater gater = ConnectionGater.open();
    private ResourceLimits limits = ResourceLimits.defaults();
    private LivenessPolicy liveness = LivenessPolicy.defaults();
    private String agentVersion = AGENT;
    private InstantSource clock = InstantSource.system();
    private SecureRandom random = new SecureRandom();
    private @Nullable Timer timer;
    private Resolver resolver = DnsResolver.system();
    private Metrics metrics = Metrics.NONE;
    private InterfaceSource interfaces = InterfaceSource.system();
    private @Nullable PeerStorage peerStorage;
    private @Nullable PeerScoreStorage peerScoreStorage;
    private Duration handlerReadTimeout = HANDLER_READ_TIMEOUT;

    HostBuilder() {}

    /// The key that peers will know this host by. Required.
    public HostBuilder identity(PrivateKey key) {
        identity = key;
        return this;
    }

    /// The key in this file, or a fresh Ed25519 key that is put there if there is no such file. See
    /// [IdentityFile].
    ///
    /// @throws IOException naming the file, if it holds no key, others may read it, or it cannot be
    ///   read or made
    public HostBuilder identityFile(Path file) throws IOException {
        try {
            return identity(
                    IdentityFile.loadOrCreate(
                            file, () -> Keys.generate(KeyType.ED25519, new SecureRandom())));
        } catch (KeyFormatException e) {
            FileSystemException named =
                    new FileSystemException(
                            file.toString(), null, "no libp2p private key: " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /// An address to listen on, such as `/ip4/127.0.0.1/tcp/0`. May be called again for more;
    /// without any, the host only dials. The host's own id may stand at its end.
    public HostBuilder listen(Multiaddr address) {
        listen.add(address);
        return this;
    }

    /// As the other `listen`, for an address in its text form.
    ///
    /// @throws IllegalArgumentException if it is none
    public HostBuilder listen(String address) {
        return listen(Multiaddr.parse(address));
    }

    /// How long each read of a stream that a peer opened may wait, unless its handler sets another
    /// limit: 60 s if this is not called. A read whose time is over throws
    /// `java.net.SocketTimeoutException`, so that a peer that says nothing does not keep a handler
    /// for ever. Streams that this host opens have no limit before `setReadTimeout`.
    ///
    /// @param timeout zero to wait for ever
    /// @throws IllegalArgumentException if it is negative
    public HostBuilder handlerReadTimeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout cannot be negative: " + timeout);
        }
        handlerReadTimeout = timeout;
        return this;
    }

    /// Who may connect. Everybody, unless this is called.
    public HostBuilder gater(ConnectionGater newGater) {
        gater = newGater;
        return this;
    }

    /// Resolves names in addresses that are dialled; `DnsResolver.system()` unless this is called.
    public HostBuilder resolver(Resolver newResolver) {
        resolver = newResolver;
        return this;
    }

    /// Answers a protocol.
    public HostBuilder handler(String protocol, StreamHandler handler) {
        handlers.add(new Handler(protocol, handler));
        return this;
    }

    /// Adds a protocol that also wants to know of connections. It hears of them on the swarm's
    /// threads.
    public HostBuilder behaviour(NetworkBehaviour behaviour) {
        behaviours.add(behaviour);
        return this;
    }

    /// Every bound of the host; `ResourceLimits.defaults()` unless this is called.
    public HostBuilder limits(ResourceLimits newLimits) {
        limits = newLimits;
        return this;
    }

    /// When a peer counts as lost; `LivenessPolicy.defaults()` unless this is called.
    public HostBuilder liveness(LivenessPolicy policy) {
        liveness = policy;
        return this;
    }

    /// Takes the place of TCP. May be called again for more.
    public HostBuilder transport(RawTransport transport) {
        return transport(upgraded(transport));
    }

    /// As the other `transport`, for one that needs to know of the host, or that secures its
    /// connections itself.
    public HostBuilder transport(TransportFactory factory) {
        transports.add(factory);
        return this;
    }

    private static TransportFactory upgraded(RawTransport transport) {
        return context -> new UpgradedTransport(transport, context.upgrader());
    }

    /// Takes the place of Noise. May be called again for more, best first.
    public HostBuilder security(SecurityProtocol security) {
        securities.add(security);
        return this;
    }

    /// Takes the place of Yamux. May be called again for more, best first.
    public HostBuilder muxer(StreamMuxer muxer) {
        muxers.add(muxer);
        return this;
    }

    /// What identify calls us, such as `tutti/0.1.0`.
    public HostBuilder agentVersion(String agent) {
        agentVersion = agent;
        return this;
    }

    /// Dates our peer record, and what is held against peers.
    public HostBuilder clock(InstantSource newClock) {
        clock = newClock;
        return this;
    }

    /// Seeds what is sent in pings, and spreads dials over time.
    public HostBuilder random(SecureRandom newRandom) {
        random = newRandom;
        return this;
    }

    /// Where deadlines get their time from. Closed with the host.
    public HostBuilder timer(Timer newTimer) {
        timer = newTimer;
        return this;
    }

    /// Keeps what is learnt of peers for the next run, such as a
    /// [org.tutti.libp2p.peerstore.FilePeerStorage]; nothing is kept unless this is called. Read
    /// when the host starts, saved every minute and when it is closed.
    public HostBuilder peerStorage(PeerStorage storage) {
        peerStorage = storage;
        return this;
    }

    /// Keeps what is held against peers for the next run, such as a
    /// [org.tutti.libp2p.peerscore.FilePeerScoreStorage]; nothing is kept unless this is called.
    /// Read when the host starts, saved every ten seconds and when it is closed.
    public HostBuilder peerScoreStorage(PeerScoreStorage storage) {
        peerScoreStorage = storage;
        return this;
    }

    /// Tells the addresses of network interfaces; `InterfaceSource.system()` unless this is called.
    public HostBuilder interfaces(InterfaceSource source) {
        interfaces = source;
        return this;
    }

    /// Hears of what the host counts and measures; nobody does unless this is called.
    public HostBuilder metrics(Metrics newMetrics) {
        metrics = GuardedMetrics.of(newMetrics);
        return this;
    }

    /// The host, not started yet.
    ///
    /// @throws IllegalStateException if no identity was given
    public Host build() {
        PrivateKey key = identity;
        if (key == null) {
            throw new IllegalStateException("a host needs an identity");
        }
        Timer time = timer == null ? Timer.system() : timer;
        List<NetworkBehaviour> all = new ArrayList<>();
        Behaviours told = new Behaviours(all);
        Swarm swarm = swarm(key, time, told);
        PeerStore store = new PeerStore(limits.maxStoredPeers(), time::nanoTime);
        PeerScores scores = new PeerScores(clock);
        HostContext context = new HostContext(swarm, store, scores, time, handlerReadTimeout);
        Identify identify =
                new Identify(
                        limits.maxStoredPeers(),
                        new LocalIdentity(key, Identify.PROTOCOL_VERSION, agentVersion, clock));
        Ping ping = new Ping(random);
        KeepConnected keeper = new KeepConnected(random);
        List<NetworkBehaviour> wanted = new ArrayList<>(List.of(identify, ping, keeper));
        wanted.addAll(behaviours);
        for (NetworkBehaviour behaviour : wanted) {
            behaviour.protocols().forEach(context::handle);
        }
        handlers.forEach(h ->
                context.handle(
                        new InboundProtocol(
                                h.protocol, limits.maxInboundStreamsPerProtocol(), h.handler)));
        wanted.forEach(b -> b.attached(context));
        // From here on they hear of what happens.
        all.addAll(wanted);
        Optional<PeriodicSave> persistence =
                Optional.ofNullable(peerStorage)
                        .map(s -> PeerStorePersistence.of(store, s, clock, time));
        Optional<PeriodicSave> scorePersistence =
                Optional.ofNullable(peerScoreStorage)
                        .map(s -> PeerScorePersistence.of(scores, s, time));
        HostConfig config =
                new HostConfig(key, listen, limits, time, persistence, scorePersistence);
        return new Host(config, context, told, identify, ping, keeper);
    }

    private Swarm swarm(PrivateKey key, Timer time, Behaviours told) {
        List<StreamMuxer> muxing = muxers.isEmpty() ? List.of(new YamuxMuxer()) : muxers;
        List<SecurityProtocol> securing =
                securities.isEmpty()
                        ? List.of(
                                new NoiseSecurity(
                                        key,
                                        muxing.stream().map(StreamMuxer::protocolId).toList(),
                                        // The swarm has a deadline for the whole upgrade.
                                        Duration.ZERO))
                        : securities;
        Admission check = new Admission(gater);
        MemoryBudget memory = new MemoryBudget(limits, gater::classOf);
        ConnectionUpgrader upgrader =
                new ConnectionUpgrader(
                        securing,
                        muxing,
                        check,
                        memory::scope,
                        new Deadlines(time, limits.upgradeTimeout()),
                        time::nanoTime);
        TransportFactory.Context context =
                new TransportFactory.Context(measured(upgrader, time), check);
        List<TransportFactory> factories =
                transports.isEmpty() ? List.of(upgraded(new TcpTransport())) : transports;
        Swarm swarm =
                new Swarm(
                        new SwarmConfig(
                                key.publicKey().peerId(),
                                factories.stream()
                                        .map(f -> measured(f.create(context), time))
                                        .toList(),
                                new AddressResolver(resolver, time),
                                gater,
                                limits,
                                memory,
                                time,
                                liveness,
                                random,
                                told,
                                metrics,
                                interfaces));
        check.attach(swarm);
        return swarm;
    }

    private Upgrader measured(Upgrader upgrader, Timer time) {
        return metrics.equals(Metrics.NONE)
                ? upgrader
                : new MeasuredUpgrader(upgrader, metrics, time::nanoTime);
    }

    private Transport measured(Transport transport, Timer time) {
        return metrics.equals(Metrics.NONE)
                ? transport
                : new MeasuredTransport(transport, metrics, time::nanoTime);
    }
}
