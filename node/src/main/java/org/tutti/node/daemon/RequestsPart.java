package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorBuilder;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.ScoreParameters;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.config.ContactNames;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.config.NodeConfig.RequestsConfig;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.service.SigningService;
import org.tutti.wallet.coins.ChainTime;
import org.tutti.wallet.coins.CoinRescan;
import org.tutti.wallet.payments.Rebroadcaster;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.request.PsbtRequestPolicy;
import org.tutti.wallet.request.RequestCoins;
import org.tutti.wallet.request.RequestRules;
import org.tutti.wallet.request.SignedRequests;
import org.tutti.wallet.spend.Confirmation;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What a node has that takes requests of signers who share no configuration with it: coordinator,
/// gossip, the policy for requests, and the transactions that it signed. What it opens is closed
/// with the node.
///
/// Threads: the coordinator tells its events on one thread of its own, the light client its on
/// another; whatever both use is safe for all.
final class RequestsPart {
    private final NodeParts parts;
    private final RequestsConfig config;
    private final NodeKeys keys;
    private final OpenParts open;
    private final EventSink events;
    private final GossipSub gossip;
    private final CoordinatorProtocol protocol = new CoordinatorProtocol();
    private final RequestSessions sessions = new RequestSessions();
    private final RequestEventLog log = new RequestEventLog();
    private final RequestEventLog signerLog = new RequestEventLog();
    private final ChainTime chainTime = new ChainTime();
    private final Broadcaster broadcaster = new Broadcaster();
    private final RequestCoins coins;
    private final SignedRequests transactions;
    private final DailySpending spending;
    private final PsbtRequestPolicy policy;
    private final RequestTransactionReports reports;
    private final FormedGroups formed;

    /// Set before anything can be told of it; the gate asks for it earlier, on other threads.
    private final AtomicReference<@Nullable Coordinator> coordinator = new AtomicReference<>();

    private final AtomicReference<@Nullable LightClient> lightClient = new AtomicReference<>();

    RequestsPart(
            NodeParts parts,
            RequestsConfig config,
            NodeKeys keys,
            OpenParts open,
            EventSink events) {
        this.parts = parts;
        this.config = config;
        this.keys = keys;
        this.open = open;
        this.events = events;
        formed = new FormedGroups(parts, open, events);
        gossip =
                GossipSub.builder(keys.identity())
                        .clock(parts.clock())
                        .parameters(gossipParameters())
                        .build();
        reports =
                new RequestTransactionReports(
                        parts.config().network(), sessions, this::invitation, this::psbt, events);
        coins = new RequestCoins(parts.config().network(), reports::coin);
        transactions =
                new SignedRequests(
                        parts.config().network(),
                        keys.signing().publicKey(),
                        broadcaster,
                        txid ->
                                Optional.ofNullable(lightClient.get())
                                        .flatMap(client -> client.confirmation(txid))
                                        .map(found ->
                                                new Confirmation(
                                                        found.txid(),
                                                        found.header(),
                                                        found.height(),
                                                        found.proof())),
                        (request, confirmed, outcome) ->
                                running().settle(request, confirmed, outcome),
                        check -> Thread.ofVirtual().name("check-request").start(check),
                        parts.clock(),
                        reports::accept);
        spending =
                open.add(
                        parts.spending(
                                parts.approvedRequests(),
                                config.maxAmountPerDaySat(),
                                chainTime::median));
        policy =
                new PsbtRequestPolicy(
                        parts.config().network(),
                        rules(parts.config(), config),
                        spending,
                        coins,
                        transactions::hasRoom,
                        () -> transactions.hasRoomForUnseen(coin -> coins.find(coin).isPresent()));
    }

    /// Many peers behind this machine's own address are no sign of an attacker elsewhere.
    private static GossipSubParameters gossipParameters() {
        return GossipSubParameters.largeNetwork()
                .with(values -> {
                    ScoreParameters.Colocation usual = values.score.colocation();
                    values.score =
                            values.score.withColocation(
                                    new ScoreParameters.Colocation(
                                            usual.weight(),
                                            usual.threshold(),
                                            Set.of("127.0.0.1", "::1")));
                });
    }

    /// @throws NodeException if a destination is one of another network, which the reader of the
    ///   configuration refuses
    private static RequestRules rules(NodeConfig node, RequestsConfig config) {
        Set<Script> scripts = new HashSet<>();
        for (String destination : config.destinations()) {
            try {
                scripts.add(Address.parse(destination, node.network()).scriptPubKey());
            } catch (AddressException e) {
                throw new NodeException(
                        "DESTINATION",
                        NodeException.Kind.CONFIGURATION,
                        destination + ": " + e.getMessage(),
                        e);
            }
        }
        return new RequestRules(
                switch (config.mode()) {
                    case ASK -> RequestRules.Mode.ASK_PERSON;
                    case RULES -> RequestRules.Mode.BY_RULES;
                },
                Set.copyOf(config.types()),
                Set.copyOf(config.requesters()),
                sat(config.maxAmountSat(), RequestRules.DEFAULT_MAX_AMOUNT),
                sat(config.maxFeeSat(), RequestRules.DEFAULT_MAX_FEE),
                scripts.isEmpty() ? new Allowlist.Any() : new Allowlist.Only(scripts),
                config.raw()
                        ? RequestRules.RawMessages.ASK_PERSON
                        : RequestRules.RawMessages.REFUSE,
                node.allowMainnetSigning());
    }

    private Set<PublicKey> groupKeys() {
        return parts.config().members().stream()
                .map(NodeConfig.MemberConfig::signingKey)
                .collect(Collectors.toSet());
    }

    private Set<PeerId> memberPeers() {
        return parts.config().members().stream()
                .map(NodeConfig.MemberConfig::peerId)
                .collect(Collectors.toSet());
    }

    private static Sat sat(OptionalLong value, Sat otherwise) {
        return value.isPresent() ? Sat.of(value.getAsLong()) : otherwise;
    }

    /// For the host.
    List<NetworkBehaviour> behaviours() {
        return List.of(gossip, protocol.behaviour());
    }

    /// Whether a peer signs a request with this node now, or is in a group with it.
    boolean signsWith(PeerId peer) {
        Coordinator running = coordinator.get();
        return formed.hasPeer(peer) || (running != null && running.signsWith(peer));
    }

    /// The groups that strangers have formed with this node.
    FormedGroups formed() {
        return formed;
    }

    /// Whether a transaction is that of a request, or of a group that strangers have formed.
    boolean follows(Txid txid) {
        return transactions.follows(txid) || formed.follows(txid);
    }

    /// What is to be told of the chain.
    ChainListener chain() {
        return new ChainListeners(
                List.of(new TimeListener(chainTime), coins, transactions, formed));
    }

    /// The chain is followed from now on.
    void follow(LightClient client) {
        broadcaster.use(client);
        lightClient.set(client);
    }

    /// Begins, once host, signing service and light client have been started.
    ///
    /// @param onFailure what to do when no request can be taken any more
    RequestService start(
            Host host,
            Optional<Kademlia> dht,
            SigningService signing,
            Consumer<Throwable> onFailure) {
        InboxKey inbox = parts.inbox();
        CoordinatorBuilder builder =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(keys.identity())
                        .signing(signing)
                        .signingKey(keys.signing())
                        .network(keys.network())
                        .policy(new StrangersOnly(policy, groupKeys()))
                        .pubsub(gossip)
                        .inbox(inbox)
                        .clock(parts.clock())
                        .random(parts.random())
                        .groups(parts.groupKeys(), parts.config().network().keyVersions())
                        .groupListener(this::see)
                        .members(memberPeers()::contains)
                        .stepByStep(_ -> config.stepByStep())
                        .listener(this::see)
                        .onClockStepped(this::clockStepped)
                        .advertListener(this::see)
                        .vouchers(config.adverts().vouchers())
                        .onFailure(onFailure);
        dht.ifPresent(found -> {
            Topics topics = open.add(found.topics(keys.identity(), parts.dhtSequence()));
            builder.dht(found, topics);
        });
        Coordinator made = open.add(parts.coordinator(builder));
        coordinator.set(made);
        formed.start(host, dht, signing, Objects.requireNonNull(lightClient.get()));
        made.start();
        groupsOfBefore(made);
        made.subscribe(config.adverts().watch());
        config.adverts().advertise().ifPresent(draft -> advertise(made, draft));
        followAgain(made);
        open.add(
                        new CoinRescan(
                                coins,
                                this::fetch,
                                CoinRescan.PAUSE,
                                CoinRescan.REST_FOR_STRANGERS))
                .start();
        open.add(new Rebroadcaster(transactions::rebroadcast)).start();
        ContactNames names = new ContactNames(config.contacts());
        GroupsService groups =
                new GroupsService(
                        made.groups(),
                        parts.config().network(),
                        names,
                        key -> advertised(made, key),
                        () -> Optional.ofNullable(lightClient.get()).map(this::height).orElse(0));
        SignerService signers =
                new SignerService(
                        made,
                        keys,
                        names,
                        config.adverts().advertise(),
                        signerLog,
                        parts.clock(),
                        parts.random());
        return new RequestService(
                made,
                parts.config().network(),
                names,
                sessions,
                log,
                this::acceptClock,
                groups,
                signers);
    }

    private static Optional<PeerId> advertised(Coordinator made, PublicKey key) {
        return made.knownSigners().stream()
                .map(FoundSigner::advert)
                .filter(advert -> advert.header().key().equals(key))
                .map(advert -> advert.header().author())
                .findFirst();
    }

    /// Before this node can be asked to pay: what their sessions hold is told by then.
    private void groupsOfBefore(Coordinator made) {
        try {
            made.groups().groups().forEach(formed::add);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(
                    "INTERRUPTED", NodeException.Kind.ENVIRONMENT, "the start was interrupted");
        }
    }

    private void see(GroupEvent event) {
        events.emit(event.at(), GroupReports.of(event, parts.config().network()));
        if (event instanceof GroupEvent.GroupFormed) {
            // It waits for the signing service: others' events do not wait for it.
            Thread.ofVirtual()
                    .name("group-formed")
                    .start(() -> {
                        try {
                            running().groups().group(event.proposal()).ifPresent(formed::add);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt(); // The node stops.
                        } catch (IllegalStateException e) {
                            // The node stops.
                        }
                    });
        }
    }

    private int height(LightClient client) {
        return client.status().height();
    }

    /// Until the operator has looked, time frees nothing of the day's limit.
    private void clockStepped(Duration by) {
        spending.doubtClock();
        events.emit(parts.clock().instant(), new NodeEvent.ClockStepped(by.toSeconds()));
    }

    private Instant acceptClock() {
        try {
            running().acceptClock();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The node stops.
        }
        spending.trustClock();
        return parts.clock().instant();
    }

    private static void advertise(Coordinator made, AdvertDraft draft) {
        try {
            var _ = made.advertise(draft);
        } catch (CoordinatorException e) {
            throw new NodeException(
                    "ADVERT",
                    NodeException.Kind.CONFIGURATION,
                    "[requests.advertise]: " + e.getMessage(),
                    e);
        }
    }

    private void see(AdvertEvent event) {
        NodeEvent told = SignerReports.of(event);
        events.emit(event.at(), told);
        signerLog.add(event.at(), told, RequestReports.text(event.key()));
    }

    /// What a restart found: it may be in a block by now.
    private void followAgain(Coordinator made) {
        try {
            for (RequestView view : made.requests()) {
                coins.follow(view.request().id(), view.request().keys());
                switch (view.phase()) {
                    case READY, SIGNING, SIGNED, MAY_BE_SIGNED -> {
                        rescan(view.request());
                        follow(view.request());
                    }
                    // Nothing is signed before all have joined.
                    case JOINED -> rescan(view.request());
                    case FETCHING, JUDGING, AWAITING_APPROVAL -> {
                        // For what strangers only ask for, nothing is fetched.
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(
                    "INTERRUPTED", NodeException.Kind.ENVIRONMENT, "the start was interrupted");
        }
    }

    /// Older coins, from the birthday of a request that this node has joined.
    private void rescan(Invitation request) {
        coins.rescan(request.id(), request.birthday());
    }

    private Future<Optional<SerializedBlock>> fetch(int height) {
        LightClient client = lightClient.get();
        return client == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : client.fetch(height);
    }

    /// Takes over the rules of a configuration that was read again.
    void use(NodeConfig again) {
        again.requests().ifPresent(changed -> policy.use(rules(again, changed)));
    }

    private Coordinator running() {
        Coordinator made = coordinator.get();
        if (made == null) {
            throw new IllegalStateException("nothing is asked before the coordinator is there");
        }
        return made;
    }

    private Optional<Invitation> invitation(RequestId request) throws InterruptedException {
        return running().requests().stream()
                .map(RequestView::request)
                .filter(known -> known.id().equals(request))
                .findFirst();
    }

    private Bytes psbt(RequestId request) {
        return running().psbt(request).orElse(Bytes.EMPTY);
    }

    /// Each event, in its order.
    private void see(CoordinatorEvent event) {
        policy.on(event);
        sessions.see(event);
        NodeEvent told = RequestReports.of(event);
        events.emit(event.at(), told);
        if (event instanceof CoordinatorEvent.OfRequest of) {
            log.add(event.at(), told, of.request().toString());
        }
        try {
            act(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The node stops.
        }
    }

    private void act(CoordinatorEvent event) throws InterruptedException {
        switch (event) {
            case CoordinatorEvent.RequestCreated e ->
                    coins.follow(e.request(), e.invitation().keys());
            case CoordinatorEvent.RequestReceived e ->
                    coins.follow(e.request(), e.invitation().keys());
            case CoordinatorEvent.RequestJoined e -> {
                if (e.signer().equals(keys.signing().publicKey())) {
                    invitation(e.request()).ifPresent(this::rescan);
                }
            }
            case CoordinatorEvent.SessionReady e -> {
                Optional<Invitation> request = invitation(e.request());
                if (request.isPresent()) {
                    follow(request.get());
                }
            }
            case CoordinatorEvent.SessionCreated e -> reports.announced(e);
            case CoordinatorEvent.Finalized e -> {
                Optional<Invitation> request = invitation(e.request());
                if (request.isPresent()) {
                    reports.finalized(e);
                    transactions.finalized(request.get(), psbt(e.request()), e.signatures());
                }
            }
            case CoordinatorEvent.ShouldBroadcast e -> transactions.shouldBroadcast(e.request());
            case CoordinatorEvent.SessionClosed e -> {
                coins.forget(e.request());
                transactions.closed(e.request());
                reports.closed(e.request());
            }
            case CoordinatorEvent.PeerBlocked _,
                    CoordinatorEvent.ApprovalNeeded _,
                    CoordinatorEvent.RequestRefused _,
                    CoordinatorEvent.RequestWithdrawn _,
                    CoordinatorEvent.RequestExpired _,
                    CoordinatorEvent.ParticipantConnected _,
                    CoordinatorEvent.ParticipantDisconnected _,
                    CoordinatorEvent.SessionJoined _,
                    CoordinatorEvent.StepNeeded _,
                    CoordinatorEvent.Round1Complete _,
                    CoordinatorEvent.Round2Complete _,
                    CoordinatorEvent.SignerLate _,
                    CoordinatorEvent.SessionAborted _,
                    CoordinatorEvent.BroadcastConfirmed _ -> {
                // Told; nothing else follows from it.
            }
        }
    }

    private void follow(Invitation request) {
        transactions.follow(request, psbt(request.id()));
    }

    /// Keeps the chain's median time.
    private record TimeListener(ChainTime time) implements ChainListener {
        @Override
        public void blockConnected(int height, BlockHeader header, Block block) {
            time.connect(header);
        }

        @Override
        public void blockDisconnected(int height, BlockHeader header) {
            time.disconnect();
        }
    }
}
