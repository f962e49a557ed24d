package org.tutti.node.daemon;

import org.tutti.base.BootClock;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorBuilder;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.kad.FileRoutingTableStorage;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.FileSeenSequenceStorage;
import org.tutti.libp2p.kad.record.FileSequenceStorage;
import org.tutti.libp2p.kad.record.SequenceSource;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.FilePeerScoreStorage;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.lightclient.headers.HeaderStore;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.store.FileHeaderStore;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.api.NodeApi;
import org.tutti.node.config.HostPort;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.control.ControlServer;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.files.IoReason;
import org.tutti.node.keystore.GroupKeyFiles;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.journal.JournalException;
import org.tutti.signing.service.GroupParticipation;
import org.tutti.signing.service.SigningGroup;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes the parts of a node from its configuration and data folder, and turns each failure into a
/// [NodeException]. The caller closes the parts.
///
/// @param data the data folder
record NodeParts(NodeConfig config, Path data, InstantSource clock, SecureRandom random) {
    /// The journal's name in the data folder.
    static final String JOURNAL = "journal";

    /// The folder of headers in the data folder.
    private static final String CHAIN = "chain";

    /// Where the journal is.
    Path journal() {
        return data.resolve(JOURNAL);
    }

    /// Where it is noted what was approved.
    Path approved() {
        return data.resolve("approved");
    }

    /// The same of a group that strangers have formed.
    ///
    /// @param group the descriptor's id
    Path approved(Bytes group) {
        return data.resolve("approved-" + group.slice(0, 8).toHex());
    }

    /// The same of requests.
    Path approvedRequests() {
        return data.resolve("approved-requests");
    }

    /// Which groups strangers have formed with this node.
    GroupList groupList() {
        return new GroupList(data.resolve("groups"));
    }

    NodeKeys keys() {
        try {
            return new KeyStore(data).open(config.network());
        } catch (KeyStoreException e) {
            throw new NodeException(e.code().name(), Kind.CONFIGURATION, e.reason(), e);
        }
    }

    /// Not yet listening.
    ///
    /// @param admitted who may connect
    /// @param behaviours what it does beside identify and ping
    Host host(
            Optional<Setup> setup,
            NodeKeys keys,
            AdmittedPeers admitted,
            List<NetworkBehaviour> behaviours) {
        List<Multiaddr> listen = config.connections().listen();
        if (listen.isEmpty()) {
            List<Multiaddr> own = setup.map(group -> group.self().addresses()).orElse(List.of());
            if (own.isEmpty()) {
                throw new NodeException(
                        "CANNOT_LISTEN",
                        Kind.CONFIGURATION,
                        "this node's table has no address, and listen is missing");
            }
            listen = List.of(own.getFirst().withoutPeerId());
        }
        HostBuilder builder =
                Host.builder()
                        .identity(keys.identity())
                        .gater(admitted.gater())
                        .limits(limits(config.connections().limits(), config.members().size()))
                        .random(random);
        if (config.requests().isPresent()) {
            builder.peerScoreStorage(new FilePeerScoreStorage(data.resolve("peer-scores")));
        }
        listen.forEach(builder::listen);
        behaviours.forEach(builder::behaviour);
        Host host = builder.build();
        config.connections().announce().forEach(host::addExternalAddress);
        return host;
    }

    private static ResourceLimits limits(NodeConfig.LimitsConfig config, int members) {
        ResourceLimits defaults = ResourceLimits.defaults();
        // A simultaneous dial makes two connections to one member.
        int wanted = Math.max(defaults.maxConnections(), 2 * members);
        int connections = (int) config.maxConnections().orElse(wanted);
        long memory = bytes(config.receiveMemoryMib(), defaults.maxReceiveMemory());
        int pending = (int) config.maxPendingConnections().orElse(defaults.maxPendingConnections());
        return ResourceLimits.builder()
                .maxConnections(connections)
                .maxConnectionsPerHost(
                        (int)
                                config.maxConnectionsPerHost()
                                        .orElse(Math.max(connections / 2, members)))
                .maxPendingConnections(pending)
                .maxPendingConnectionsPerHost(Math.max(1, pending / 4))
                .maxReceiveMemory(memory)
                .maxReceiveMemoryPerHost(
                        bytes(
                                config.receiveMemoryPerHostMib(),
                                Math.min(memory, defaults.maxReceiveMemoryPerHost())))
                .build();
    }

    private static long bytes(OptionalLong mebibytes, long otherwise) {
        return mebibytes.isPresent() ? mebibytes.getAsLong() << 20 : otherwise;
    }

    /// A client of the DHT that the configuration names, which keeps whom it knew and what it was
    /// shown.
    Optional<Kademlia> dht() {
        if (config.connections().bootstrap().isEmpty()) {
            return Optional.empty();
        }
        Kademlia.Builder builder =
                Kademlia.builder()
                        .clock(clock)
                        .routingTable(new FileRoutingTableStorage(data.resolve("dht-peers")))
                        .seenSequences(new FileSeenSequenceStorage(data.resolve("dht-seen")));
        if (config.requests().isPresent()) {
            builder.validator(
                    new SignedRecordValidator(config.network().id(), Coordinator.DHT_NAMESPACE));
            builder.validator(
                    new SignedRecordValidator(config.network().id(), Coordinator.ADVERT_NAMESPACE));
        }
        return Optional.of(builder.build());
    }

    /// What this node's entries in the DHT are numbered by, also after a restart.
    SequenceSource dhtSequence() {
        Path file = data.resolve("dht-sequence");
        try {
            return new SequenceSource(new FileSequenceStorage(file));
        } catch (IOException e) {
            throw new NodeException(
                    "REQUESTS_IO",
                    Kind.ENVIRONMENT,
                    file + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    /// The file of requests.
    Path requests() {
        return data.resolve("requests");
    }

    /// The key of this node's inbox, made if there is none.
    InboxKey inbox() {
        try {
            return new KeyStore(data).inbox(random);
        } catch (KeyStoreException e) {
            throw new NodeException(e.code().name(), Kind.CONFIGURATION, e.reason(), e);
        }
    }

    /// Where the keys of this node's groups with others are.
    GroupKeys groupKeys() {
        return new GroupKeyFiles(data, config.network(), random);
    }

    /// With the requests of before.
    Coordinator coordinator(CoordinatorBuilder builder) {
        try {
            return builder.file(requests()).build();
        } catch (IOException e) {
            throw new NodeException(
                    "REQUESTS_IO",
                    Kind.ENVIRONMENT,
                    requests() + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    static void listen(Host host) {
        try {
            host.start();
        } catch (TransportException e) {
            String code =
                    e.code() == TransportException.Code.ADDRESS_IN_USE
                            ? "PORT_IN_USE"
                            : "CANNOT_LISTEN";
            throw new NodeException(code, Kind.ENVIRONMENT, code + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new NodeException(
                    "CANNOT_LISTEN", Kind.ENVIRONMENT, "cannot listen: " + e.getMessage(), e);
        }
    }

    /// The record of what was approved, if there is a limit for a day.
    ///
    /// @param file where it is kept
    /// @param chainTime the chain's median time
    DailySpending spending(Path file, OptionalLong limit, Supplier<Instant> chainTime) {
        if (limit.isEmpty()) {
            return DailySpending.unlimited();
        }
        try {
            return DailySpending.open(file, Sat.of(limit.getAsLong()), clocks(chainTime));
        } catch (IOException e) {
            throw new NodeException(
                    "APPROVED_IO",
                    Kind.ENVIRONMENT,
                    file + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    private Supplier<ClockReading> clocks(Supplier<Instant> chainTime) {
        BootClock running = new BootClock();
        return () -> new ClockReading(clock.instant(), running.getAsLong(), chainTime.get());
    }

    /// The signing service with its journal read; not yet started, and in no group.
    ///
    /// @param onNotCompacted see [org.tutti.signing.service.SigningServiceBuilder#onNotCompacted]
    SigningService signing(
            NodeKeys keys,
            Host host,
            Consumer<Throwable> onFailure,
            Consumer<IOException> onNotCompacted) {
        return ofJournal(() ->
                SigningService.builder()
                        .host(host)
                        .identity(keys.identity())
                        .dataFolder(data)
                        .clock(clock)
                        .random(random)
                        .onFailure(onFailure)
                        .onNotCompacted(onNotCompacted)
                        .build());
    }

    /// A group of this node's, added to the service.
    ///
    /// @param signingKey of this node in the group; stays the caller's to close
    SigningGroup join(
            SigningService signing,
            Setup setup,
            SecretKey signingKey,
            Approval approval,
            HoldListener holdListener,
            Consumer<SessionEvent> listener) {
        SessionTimeouts timeouts =
                new SessionTimeouts(
                        config.timeouts().readiness(),
                        config.timeouts().nonces(),
                        config.timeouts().partials());
        return ofJournal(() ->
                signing.add(
                        GroupParticipation.of(setup.group(), signingKey, approval)
                                .withTerms(GroupAgreement.terms(setup))
                                .withTimeouts(timeouts)
                                .withHoldListener(holdListener)
                                .withListener(listener)));
    }

    /// Something that reads the journal.
    private interface JournalRead<T> {
        T read() throws IOException;
    }

    private <T> T ofJournal(JournalRead<T> read) {
        Path journal = journal();
        try {
            return read.read();
        } catch (JournalException e) {
            throw new NodeException(
                    "JOURNAL_" + e.code(), Kind.ENVIRONMENT, journal + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new NodeException(
                    "JOURNAL_IO",
                    Kind.ENVIRONMENT,
                    journal + ": cannot be used: " + e.getMessage(),
                    e);
        }
    }

    /// Started.
    LightClient lightClient(ChainListener listener) {
        try {
            return startLightClient(listener);
        } catch (HeaderStoreException e) {
            throw NodeEnd.chainException(e);
        }
    }

    private LightClient startLightClient(ChainListener listener) {
        HeaderStore headers = FileHeaderStore.open(data.resolve(CHAIN), config.network());
        try {
            LightClient.Builder builder =
                    LightClient.builder()
                            .network(config.network())
                            .headers(headers)
                            .birthday(config.birthday())
                            .listener(listener)
                            .clock(clock);
            for (HostPort peer : config.bitcoinPeers()) {
                builder.peer(peer.host(), peer.port());
            }
            return builder.start();
        } catch (RuntimeException e) {
            headers.close();
            throw e;
        }
    }

    /// Listening.
    ControlServer control(NodeApi api) {
        try {
            return ControlServer.listen(data.resolve("control.sock"), api);
        } catch (IOException e) {
            throw new NodeException(
                    "CONTROL_SOCKET",
                    Kind.ENVIRONMENT,
                    "the control socket cannot be opened: " + e.getMessage(),
                    e);
        }
    }
}
