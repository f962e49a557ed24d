package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SearchResult;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.engine.EngineOutput;
import org.tutti.coordinator.internal.engine.GroupEngine;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.Reachable;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.coordinator.store.RequestLog;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.KeptConnections;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WantedPeers;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.Step;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// A signer among strangers: makes requests and is asked, joins, and has what all have joined
/// signed (docs/protocol.md, "Coordination").
///
/// ```java
/// CoordinatorProtocol protocol = new CoordinatorProtocol();
/// Host host = Host.builder().identity(identity).behaviour(protocol.behaviour())…
/// SigningService signing = SigningService.builder().host(host)…
/// Coordinator coordinator = Coordinator.builder()
///         .protocol(protocol).host(host).identity(identity).signing(signing)
///         .signingKey(key).network(network).policy(policy).file(folder.resolve("requests"))
///         .listener(event -> …).build();
/// coordinator.start();
/// Invitation request = coordinator.announce(draft);
/// ```
///
/// Threads: one loop owns engine and log; exchanges, decisions and look-ups have virtual threads of
/// their own. Safe for all threads.
public final class Coordinator implements AutoCloseable {
    /// The namespace of signed records in the DHT in which signers say whom they speak through.
    public static final String DHT_NAMESPACE = Directory.NAMESPACE;

    /// The namespace of signed records in the DHT in which signers advertise.
    public static final String ADVERT_NAMESPACE = AdvertDirectory.NAMESPACE;

    private static final String TAG = "coordinator";

    /// Of how many peers it is known that they were signers of requests that this node joined.
    private static final int MAX_SIGNERS = 1_024;

    /// How often it is looked at most whom to be connected to.
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

    private final Host host;
    private final InstantSource clock;
    private final CoordinatorSettings settings;
    private final StatementSigner signer;
    private final StatementReader reader;
    private final Verifier verifier;
    private final RequestLog log;
    private final CoordinatorEngine engine;
    private final GroupEngine groupEngine;
    private final GroupCoordinator groupCoordinator;
    private final Loop loop;
    private final SigningGroups groups;
    private final Exchanges exchanges;
    private final Gossip gossip;
    private final Directory directory;
    private final Events<CoordinatorEvent> events;
    private final Events<GroupEvent> groupEvents;
    private final Events<AdvertEvent> advertEvents;
    private final Adverts adverts;
    private final AdvertGossip advertGossip;
    private final AdvertDirectory advertDirectory;
    private final AdvertLimits advertLimits;
    private final Judges judges;
    private final Consumer<Duration> onClockStepped;
    private final Finals finals = new Finals();
    private final Tasks tasks = new Tasks();
    private final Optional<Bytes> inboxKey;

    /// Requests with their transactions, for the approvals of signing.
    private final Map<RequestId, InvitationApproval.Known> known = new ConcurrentHashMap<>();

    /// Peers that have signed with this one, or are about to. Guarded by itself.
    private final BoundedMap<PeerId, Boolean> signers = new BoundedMap<>(MAX_SIGNERS);

    // Of the loop alone.
    private Map<PeerId, List<Multiaddr>> wantedPeers = Map.of();
    private KeptConnections kept = noConnections();
    private long wantedSeen = -1;
    private Instant looked = Instant.MIN;

    private volatile Contact contact; // written by the ticking thread, read by all
    private final List<AutoCloseable> subscriptions = new ArrayList<>(); // written by start

    Coordinator(CoordinatorBuilder b) throws IOException {
        host = b.host();
        clock = b.clock;
        settings = b.settings;
        signer = new StatementSigner(b.identity(), b.signingKey(), b.network(), b.random);
        reader = new StatementReader(b.network(), settings.messages());
        RequestPolicy policy = b.policy();
        inboxKey = b.inbox().map(key -> key.publicKey());
        engine = new CoordinatorEngine(signer, host.peerId(), settings.limits());
        onClockStepped = b.onClockStepped;
        groupEngine = new GroupEngine(signer, host.peerId(), settings.groups(), b.keyVersions);
        events = new Events<>(b.listener);
        groupEvents = new Events<>(b.groupListener);
        advertEvents = new Events<>(b.advertListener);
        judges = new Judges(policy, tasks, this::judged);
        RequestLog.Opened opened = RequestLog.open(b.file());
        log = opened.log();
        engine.restore(restored(opened.entries()), clock.instant());
        groupEngine.restore(restoredGroups(opened.entries()), clock.instant());
        loop = new Loop(engine, groupEngine, log, clock, this::act, this::look, b.onFailure);
        log.compact(loop.snapshot());
        groups =
                new SigningGroups(
                        b.signing(),
                        b.signingKey(),
                        b.network(),
                        new InvitationApproval(
                                policy, id -> Optional.ofNullable(known.get(id)), b.stepwise),
                        settings,
                        task -> tasks.run("session", task),
                        new FromSigning());
        Bans bans = new Bans(host.peerScores(), this::addressesOf, b.members, this::blocked);
        verifier = new Verifier(reader, clock, bans);
        groupCoordinator =
                new GroupCoordinator(groupEngine, signer, reader, verifier, loop, tasks, b);
        exchanges =
                new Exchanges(
                        b.protocol(),
                        loop,
                        verifier,
                        judges,
                        this::openRequest,
                        tasks,
                        settings,
                        this::greeting,
                        groupCoordinator::answer,
                        b.network());
        gossip = new Gossip(b.pubsub(), b.network(), loop, verifier, tasks, clock, settings);
        directory =
                new Directory(
                        b.dht(),
                        b.topics(),
                        b.network(),
                        signer.publicKey(),
                        b.inbox(),
                        host,
                        loop,
                        verifier,
                        exchanges,
                        tasks,
                        clock,
                        settings);
        contact = freshContact();
        engine.use(contact);
        advertLimits = b.advertLimits;
        adverts =
                new Adverts(
                        b,
                        signer,
                        reader,
                        verifier,
                        this::currentContact,
                        advertEvents::offer,
                        this::learn,
                        new AdvertChannels(),
                        System::nanoTime);
        advertGossip =
                new AdvertGossip(b.pubsub(), b.network(), adverts, verifier, tasks, settings);
        advertDirectory =
                new AdvertDirectory(b.topics(), b.network(), adverts, verifier, tasks, settings);
        exchanges.use(adverts);
        engine.use(adverts::find);
    }

    /// A builder without any of the required values.
    public static CoordinatorBuilder builder() {
        return new CoordinatorBuilder();
    }

    private static KeptConnections noConnections() {
        return new KeptConnections() {
            @Override
            public int connected() {
                return 0;
            }

            @Override
            public void close() {
                // Nothing is kept.
            }
        };
    }

    /// What the log had, verified again: a file that says something else was changed.
    private List<CoordinatorEngine.Restored> restored(List<LogEntry> entries) throws IOException {
        List<CoordinatorEngine.Restored> all = new ArrayList<>();
        for (LogEntry entry : entries) {
            try {
                restored(entry).ifPresent(all::add);
            } catch (MessageException e) {
                throw new IOException(log + " has a statement that is none: " + e.getMessage(), e);
            }
        }
        return all;
    }

    private Optional<CoordinatorEngine.Restored> restored(LogEntry entry) throws MessageException {
        return switch (entry) {
            case LogEntry.Taken(Bytes request, Bytes psbt) ->
                    Optional.of(
                            new CoordinatorEngine.Restored.Taken(
                                    (Invitation) reader.readAgain(request), psbt));
            case LogEntry.Said(Bytes statement) ->
                    Optional.of(new CoordinatorEngine.Restored.Said(reader.readAgain(statement)));
            case LogEntry.Known(Bytes statement) ->
                    Optional.of(
                            new CoordinatorEngine.Restored.Known(
                                    (Reachable) reader.readAgain(statement)));
            case LogEntry.Signed(RequestId id, List<Bytes> signatures) ->
                    Optional.of(
                            new CoordinatorEngine.Restored.Signed(
                                    id, signatures.stream().map(SchnorrSignature::new).toList()));
            case LogEntry.Over(RequestId id, Instant until, String _) ->
                    Optional.of(new CoordinatorEngine.Restored.Over(id, until));
            case LogEntry.GroupTaken _,
                    LogEntry.GroupSaid _,
                    LogEntry.GroupPrevious _,
                    LogEntry.GroupEnded _ ->
                    Optional.empty();
        };
    }

    private List<GroupEngine.Restored> restoredGroups(List<LogEntry> entries) throws IOException {
        List<GroupEngine.Restored> all = new ArrayList<>();
        for (LogEntry entry : entries) {
            try {
                restoredGroup(entry).ifPresent(all::add);
            } catch (MessageException | KeyException | IllegalArgumentException e) {
                throw new IOException(log + " has a statement that is none: " + e.getMessage(), e);
            }
        }
        return all;
    }

    private Optional<GroupEngine.Restored> restoredGroup(LogEntry entry)
            throws MessageException, KeyException {
        return switch (entry) {
            case LogEntry.GroupTaken(Bytes proposal) ->
                    Optional.of(
                            new GroupEngine.Restored.Taken((Proposal) reader.readAgain(proposal)));
            case LogEntry.GroupSaid(Bytes statement) ->
                    Optional.of(new GroupEngine.Restored.Said(reader.readAgain(statement)));
            case LogEntry.GroupPrevious(ProposalId id, Bytes encoding) ->
                    Optional.of(
                            new GroupEngine.Restored.Previous(id, GroupDescriptor.parse(encoding)));
            case LogEntry.GroupEnded ended ->
                    Optional.of(
                            new GroupEngine.Restored.Ended(
                                    ended.proposal(),
                                    new GroupFailure(
                                            GroupFailure.Code.valueOf(ended.code()),
                                            ended.reason(),
                                            PublicKey.parseAll(ended.culprits()))));
            case LogEntry.Taken _,
                    LogEntry.Said _,
                    LogEntry.Known _,
                    LogEntry.Signed _,
                    LogEntry.Over _ ->
                    Optional.empty();
        };
    }

    /// Begins: resumes what a restart found, greets who is connected, and is asked from now on. The
    /// host and the signing service must have been started. Call once.
    public void start() {
        events.start();
        groupEvents.start();
        advertEvents.start();
        loop.start();
        exchanges.start(this::isSigner);
        subscriptions.add(host.subscribe(Identified.class, this::identified));
        subscriptions.add(host.subscribe(this::see));
        host.connectedPeers().forEach(this::greetIfKnown);
        gossip.start();
        directory.start(contact.envelope());
        tasks.run("coordinator-tick", this::tick);
    }

    // --- what a user asks for

    /// Makes a request and sends it to whoever can be reached; others get it when they can be, also
    /// while this node is away. Returns when it is on disk.
    ///
    /// @throws CoordinatorException if the limits have no room for another request, or the draft is
    ///   invalid
    public Invitation announce(InvitationDraft draft)
            throws CoordinatorException, InterruptedException {
        Invitation request = made(draft);
        try (Judges.Early early = judges.early(request, draft.psbt())) {
            Optional<Judgement> judgement = early.quick();
            return call((e, now) -> {
                e.announce(request, draft.psbt(), judgement, now);
                return request;
            });
        }
    }

    /// As others will read it: whatever they would refuse is refused here.
    private Invitation made(InvitationDraft draft) throws CoordinatorException {
        try {
            if (!draft.keys().contains(signer.publicKey())) {
                throw new CoordinatorException(
                        CoordinatorException.Code.INVALID,
                        "this node's key is none of those that are to sign");
            }
            Invitation request = signer.request(draft, clock.instant().toEpochMilli());
            verifier.remember(request.envelope(), reader.read(request.envelope(), clock.instant()));
            return request;
        } catch (MessageException | IllegalArgumentException e) {
            throw new CoordinatorException(
                    CoordinatorException.Code.INVALID, String.valueOf(e.getMessage()));
        }
    }

    /// Joins a request that waits for this node's decision.
    public void join(RequestId request) throws CoordinatorException, InterruptedException {
        call((e, now) -> {
            e.join(request, now);
            return true;
        });
    }

    /// Refuses a request, which ends it.
    ///
    /// @param code upper-case word for programs
    /// @param reason one sentence for people; it is sent to the others
    public void refuse(RequestId request, String code, String reason)
            throws CoordinatorException, InterruptedException {
        call((e, now) -> {
            e.refuse(request, code, reason, now);
            return true;
        });
    }

    /// Takes a request of this node's back.
    public void withdraw(RequestId request, String reason)
            throws CoordinatorException, InterruptedException {
        call((e, now) -> {
            e.withdraw(request, reason, now);
            return true;
        });
    }

    /// Has the public nonces of a session sent that waits for it, in a request that goes step by
    /// step ([CoordinatorBuilder#stepByStep], [CoordinatorEvent.StepNeeded]). A step that is not
    /// taken by the deadline of its phase ([CoordinatorSettings#sessions]) ends the attempt, and
    /// its nonces are wiped; the next attempt has steps of its own.
    ///
    /// @throws CoordinatorException `NOT_WAITING` if no session waits for this step
    public void startRound1(RequestId request) throws CoordinatorException, InterruptedException {
        take(request, Step.NONCES);
    }

    /// The same with this node's partial signatures. From here on others can complete the
    /// signatures.
    ///
    /// @throws CoordinatorException `NOT_WAITING` if no session waits for this step
    public void startRound2(RequestId request) throws CoordinatorException, InterruptedException {
        take(request, Step.PARTIALS);
    }

    private void take(RequestId request, Step step)
            throws CoordinatorException, InterruptedException {
        call((e, _) -> {
            e.takeStep(request, step);
            return true;
        });
    }

    /// The signatures of a request, one for each message, as soon as they are here: each verified.
    /// Of a request that ends without, it fails with a [CoordinatorException].
    ///
    /// @throws CoordinatorException `NO_SUCH_REQUEST`
    public Future<List<SchnorrSignature>> finalSignature(RequestId request)
            throws CoordinatorException, InterruptedException {
        return call((e, _) -> finals.of(request, e.signatures(request)));
    }

    /// The requests that are not over, each with the state of its signers.
    public List<RequestView> requests() throws InterruptedException {
        try {
            return call((e, now) -> e.requests(now));
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether a peer is a signer of a request that all have joined and that is not over: it alone
    /// has a reason to open the streams of signing. Returns at once.
    public boolean signsWith(PeerId peer) {
        return groups.hasPeer(peer);
    }

    /// A request's transaction, while it is not over.
    public Optional<Bytes> psbt(RequestId request) {
        return Optional.ofNullable(known.get(request)).map(InvitationApproval.Known::psbt);
    }

    /// The operator has looked at the wall clock after it stepped
    /// ([CoordinatorBuilder#onClockStepped]): it is right.
    public void acceptClock() throws InterruptedException {
        loop.post((_, _) -> {
            groups.acceptClock();
            return true;
        });
    }

    /// Whoever follows what was signed says what became of it: only then is the request over.
    ///
    /// @param confirmed whether it happened; otherwise it no longer can
    /// @param outcome for whoever asks again, at most 64 bytes
    public void settle(RequestId request, boolean confirmed, Bytes outcome)
            throws InterruptedException {
        loop.post((e, now) -> {
            groups.settle(request, outcome);
            e.settled(request, confirmed, now);
            return true;
        });
    }

    /// The groups that this node makes with others.
    public GroupCoordinator groups() {
        return groupCoordinator;
    }

    /// This node's operator says that what it has signed for a request, or may have, will not
    /// happen, or may: what it holds is free, and it is followed no longer. No time does that (rule
    /// 25 of docs/signing-safety.md): for coins that nobody ever makes, nothing else ends it.
    ///
    /// @throws CoordinatorException `NOT_WAITING` unless it is signed or may be, and no session is
    ///   under way
    public void release(RequestId request) throws CoordinatorException, InterruptedException {
        call((e, now) -> {
            e.requireReleasable(request, now);
            groups.settle(request, Bytes.EMPTY);
            e.settled(request, false, now);
            return true;
        });
    }

    /// The key that others name in their requests.
    public PublicKey key() {
        return signer.publicKey();
    }

    // --- adverts

    /// Says what this signer co-signs, in place of what it said before: by gossip, to connected
    /// peers and in the DHT. It is said again before it expires, until it is withdrawn or this is
    /// closed. Returns when it is on its way.
    ///
    /// @throws CoordinatorException if it breaks a limit
    public Advert advertise(AdvertDraft draft) throws CoordinatorException {
        return adverts.advertise(draft);
    }

    /// Takes back whatever this key has advertised, also in an earlier process: a signed tombstone
    /// stands against it.
    ///
    /// @return false if nothing was advertised by this one
    public boolean withdrawAdvert() {
        return adverts.withdraw();
    }

    /// What this signer advertises now.
    public Optional<Advert> advert() {
        return adverts.own();
    }

    /// Looks for signers: among those that are known, at connected peers and in the DHT at once.
    /// Gives each to `found` as it is verified, on the calling thread, once.
    ///
    /// @param time how long at most
    public SearchResult findSigners(
            SignerFilter filter, Duration time, Consumer<? super FoundSigner> found)
            throws InterruptedException {
        return new SignerSearch(filter, adverts, advertDirectory, exchanges, tasks, advertLimits)
                .run(time, found);
    }

    /// Those that are known now, without asking anybody.
    public List<FoundSigner> knownSigners() {
        return adverts.all();
    }

    /// Hears of adverts of these types by gossip from now on, and passes them on.
    public void subscribe(Collection<TransactionType> types) {
        advertGossip.subscribe(types);
    }

    /// No longer hears of adverts of these types.
    public void unsubscribe(Collection<TransactionType> types) {
        advertGossip.unsubscribe(types);
    }

    /// Of which types it hears.
    public Set<TransactionType> subscribed() {
        return advertGossip.subscribed();
    }

    private Contact currentContact() {
        return contact;
    }

    /// A request to a key that was found goes to the peer that its advert names.
    private void learn(Advert advert) {
        try {
            loop.post((e, now) -> e.learn(advert, now));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The ways of this node's adverts.
    private final class AdvertChannels implements Adverts.Channels {
        @Override
        public void advertised(Advert advert) {
            advertGossip.publish(advert.envelope(), advert.terms().types());
            advertDirectory.publish(advert);
        }

        @Override
        public void retired(Retirement retirement, Set<TransactionType> types) {
            advertGossip.publish(retirement.envelope(), types);
            advertDirectory.withdraw(types);
        }

        @Override
        public void push(PeerId peer, Bytes envelope) {
            exchanges.push(peer, envelope);
        }
    }

    private <T> T call(Loop.Step<T> step) throws CoordinatorException, InterruptedException {
        try {
            return loop.call(step);
        } catch (CoordinatorException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // --- what the engine wants; on the loop's thread

    private void act(EngineOutput output) {
        switch (output) {
            case EngineOutput.Append _, EngineOutput.Note _ -> {
                // It is on disk.
            }
            case EngineOutput.Deliver deliver -> exchanges.deliver(engine, deliver);
            case EngineOutput.Fetch(PeerId from, RequestId id) -> exchanges.fetch(from, id);
            case EngineOutput.Publish(Bytes envelope) -> gossip.publish(envelope);
            case EngineOutput.Judge(Invitation request, Bytes psbt) -> judges.judge(request, psbt);
            case EngineOutput.FormGroup form -> form(form);
            case EngineOutput.LeaveGroup(RequestId id) -> {
                known.remove(id);
                groups.leave(id);
            }
            case EngineOutput.Sign(Invitation request) -> sign(request);
            case EngineOutput.DeliverGroup deliver -> groupCoordinator.deliver(exchanges, deliver);
            case EngineOutput.JudgeGroup(Proposal proposal) -> groupCoordinator.judge(proposal);
            case EngineOutput.SealGroup seal -> groupCoordinator.seal(seal);
            case EngineOutput.EmitGroup(GroupEvent event) -> groupEvents.offer(event);
            case EngineOutput.TakeStep(RequestId id, SessionId session, Step step) ->
                    groups.take(id, session, step);
            case EngineOutput.Emit(CoordinatorEvent event) -> {
                if (event instanceof CoordinatorEvent.OfRequest of) {
                    allow(of.request());
                }
                if (event instanceof CoordinatorEvent.SessionReady ready) {
                    engine.request(ready.request()).ifPresent(r -> adverts.contacts(r.keys()));
                }
                finals.see(event);
                events.offer(event);
            }
        }
    }

    /// What signing's approvals may say of a request follows what the engine knows of it.
    private void allow(RequestId id) {
        Optional<Invitation> request = engine.request(id);
        if (request.isEmpty()) {
            known.remove(id);
        } else {
            Bytes psbt = engine.content(id).map(LogEntry.Taken::psbt).orElse(Bytes.EMPTY);
            known.put(id, new InvitationApproval.Known(request.get(), psbt, engine.maySign(id)));
        }
    }

    private Optional<Invitation> openRequest(RequestId id) {
        return Optional.ofNullable(known.get(id)).map(InvitationApproval.Known::request);
    }

    private void judged(RequestId id, Judgement judgement) throws InterruptedException {
        loop.post((e, now) -> {
            e.judged(id, judgement, now);
            return true;
        });
    }

    private void form(EngineOutput.FormGroup form) {
        Invitation request = form.request();
        allow(request.id());
        boolean formed;
        try {
            formed = groups.form(request, form.peers());
        } catch (IOException e) {
            formed = false; // The journal cannot be read now.
        }
        if (!formed) {
            engine.notFormed(request.id(), clock.instant());
        }
    }

    private void sign(Invitation request) {
        if (!groups.sign(request, clock.instant())) {
            engine.sessionEnded(
                    request.id(), "BUSY", "no session can be made now", List.of(), clock.instant());
        }
    }

    /// After each batch: whom to be connected to, whom to find, what to keep for whom.
    private void look() {
        Instant now = clock.instant();
        boolean soon = now.isAfter(looked) && now.isBefore(looked.plus(LOOK_INTERVAL));
        long changes = engine.wantedChanges() + groupEngine.wantedChanges(); // Both only grow.
        if (changes == wantedSeen || soon) {
            return;
        }
        looked = now;
        wantedSeen = changes;
        CoordinatorEngine.Wanted wanted = withMembers(engine.wanted(now), now);
        if (!wanted.peers().equals(wantedPeers)) {
            wantedPeers = wanted.peers();
            synchronized (signers) {
                wantedPeers.keySet().forEach(peer -> signers.put(peer, true));
            }
            if (wantedPeers.isEmpty()) {
                kept.close();
                kept = noConnections();
            } else {
                WantedPeers.Builder builder =
                        WantedPeers.builder()
                                .backoff(Duration.ofMillis(200), Duration.ofSeconds(10))
                                .higherIdWaits(Duration.ofMillis(500));
                wantedPeers.forEach(builder::peer);
                kept = host.keepConnected(TAG, builder.build());
            }
        }
        directory.use(wanted);
    }

    /// With the members of this node's groups, whose contacts are found as those of signers.
    private CoordinatorEngine.Wanted withMembers(CoordinatorEngine.Wanted wanted, Instant now) {
        Map<PeerId, List<Multiaddr>> peers = new LinkedHashMap<>(wanted.peers());
        Set<PublicKey> unknown = new LinkedHashSet<>(wanted.unknown());
        for (Proposal.Member member : groupEngine.wanted()) {
            Optional<Reachable> told =
                    engine.contact(member.key(), now)
                            .filter(c -> c.header().author().equals(member.peer()));
            peers.putIfAbsent(member.peer(), told.map(Reachable::addresses).orElse(List.of()));
            if (told.isEmpty()) {
                unknown.add(member.key());
            }
        }
        return new CoordinatorEngine.Wanted(peers, unknown, wanted.recipients());
    }

    /// Whether a peer is a signer of a request that this node has joined, or was lately.
    private boolean isSigner(PeerId peer) {
        synchronized (signers) {
            return signers.get(peer) != null;
        }
    }

    // --- peers

    private void identified(Identified event) {
        if (event.info().protocols().contains(CoordinatorProtocol.ID)) {
            greet(event.peer());
        }
    }

    private void greetIfKnown(PeerId peer) {
        host.identified(peer)
                .filter(info -> info.protocols().contains(CoordinatorProtocol.ID))
                .ifPresent(_ -> greet(peer));
    }

    private void greet(PeerId peer) {
        tasks.run(
                "greet",
                () -> {
                    exchanges.greet(peer, greeting());
                    if (host.isConnected(peer)) {
                        adverts.greeted(peer);
                    }
                    loop.post((e, now) -> {
                        if (host.isConnected(peer)) {
                            e.connected(peer, now);
                            groupEngine.connected(peer, now);
                        }
                        return true;
                    });
                });
    }

    private void see(SwarmEvent event) {
        switch (event) {
            case SwarmEvent.ConnectionClosed closed -> {
                if (closed.connections() == 0) {
                    lost(closed.peer());
                }
            }
            case SwarmEvent.EventsDropped _ -> host.connectedPeers().forEach(this::greetIfKnown);
            case SwarmEvent.ConnectionOpened _,
                    SwarmEvent.Listening _,
                    SwarmEvent.DialFailed _,
                    SwarmEvent.InboundRefused _ -> {
                // Identify tells who it is.
            }
        }
    }

    private void lost(PeerId peer) {
        adverts.disconnected(peer);
        try {
            loop.post((e, now) -> {
                if (!host.isConnected(peer)) {
                    e.disconnected(peer, now);
                    groupEngine.disconnected(peer);
                }
                return true;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Multiaddr> addressesOf(PeerId peer) {
        return host.connections(peer).stream().map(Connection::remoteAddress).toList();
    }

    private void blocked(PeerId peer, String code, List<String> addresses) {
        events.offer(new CoordinatorEvent.PeerBlocked(clock.instant(), peer, code, addresses));
    }

    private Bytes greeting() {
        return contact.envelope();
    }

    private List<Multiaddr> contactAddresses() {
        return host.addresses().stream()
                .map(Multiaddr::withoutPeerId)
                .limit(Contact.MAX_ADDRESSES)
                .toList();
    }

    private Contact freshContact() {
        Instant now = clock.instant();
        return signer.contact(
                inboxKey,
                contactAddresses(),
                now.toEpochMilli(),
                now.plus(settings.contactLifetime()));
    }

    // --- time

    private void tick() throws InterruptedException {
        Instant renewed = contact.header().made();
        while (true) {
            Thread.sleep(settings.tick());
            Instant now = clock.instant();
            if (now.isAfter(renewed.plus(settings.contactLifetime().dividedBy(2)))
                    || !contact.addresses().equals(contactAddresses())) {
                Contact fresh = freshContact();
                contact = fresh;
                renewed = now;
                directory.renewed(fresh.envelope());
                loop.post((e, _) -> {
                    e.use(fresh);
                    return true;
                });
            }
            adverts.tick();
            loop.post((e, at) -> {
                e.tick(at);
                groupEngine.tick(at);
                return true;
            });
        }
    }

    /// What signing tells, put into the loop.
    private final class FromSigning implements SigningGroups.Told {
        @Override
        public void started(RequestId request, SessionId session, boolean own) {
            post((e, now) -> {
                e.sessionStarted(request, session, own, now);
                return true;
            });
        }

        @Override
        public void stepAwaited(RequestId request, SessionId session, Step step) {
            post((e, now) -> {
                e.stepAwaited(request, session, step, now);
                return true;
            });
        }

        @Override
        public void round1(RequestId request, SessionId session) {
            post((e, now) -> {
                e.round1(request, session, now);
                return true;
            });
        }

        @Override
        public void round2(RequestId request, SessionId session) {
            post((e, now) -> {
                e.round2(request, session, now);
                return true;
            });
        }

        @Override
        public void late(RequestId request, List<PublicKey> keys) {
            post((e, now) -> {
                e.late(request, keys, now);
                return true;
            });
        }

        @Override
        public void ended(RequestId request, String code, String reason, List<PublicKey> culprits) {
            post((e, now) -> {
                e.sessionEnded(request, code, reason, culprits, now);
                return true;
            });
        }

        @Override
        public void committed(RequestId request) {
            post((e, _) -> {
                e.committed(request);
                return true;
            });
        }

        @Override
        public void signed(RequestId request, List<SchnorrSignature> signatures) {
            post((e, now) -> {
                e.signed(request, signatures, now);
                return true;
            });
        }

        @Override
        public void clockStepped(Duration by) {
            onClockStepped.accept(by);
        }

        private void post(Loop.Step<Boolean> step) {
            // Signing's event loop must not wait for ours, which waits for it to form groups.
            loop.tell(step);
        }
    }

    /// Ends what runs. Requests go on at the next start.
    @Override
    public void close() throws IOException {
        try {
            for (AutoCloseable subscription : subscriptions) {
                subscription.close();
            }
            exchanges.close();
            gossip.close();
            advertGossip.close();
            tasks.close();
            loop.close();
            finals.close();
            directory.close();
            kept.close();
            events.close();
            groupEvents.close();
            advertEvents.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            log.close();
        }
    }

    @Override
    public String toString() {
        return "coordinator of " + signer.publicKey();
    }

    /// What it keeps now.
    CoordinatorEngine.Kept kept() throws CoordinatorException, InterruptedException {
        return call((e, _) -> e.kept());
    }

    /// Whether something can be kept for a key while it is away.
    boolean knowsInboxOf(PublicKey key) throws CoordinatorException, InterruptedException {
        return call((e, now) -> e.inboxKey(key, now).isPresent());
    }
}
