package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.memory.MemoryProtection;
import org.tutti.musig.musig.SecretNonce;
import org.tutti.node.api.NodeApi;
import org.tutti.node.config.MemberNames;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.IoReason;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.JvmAttach;
import org.tutti.node.process.ProcessProtection;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.service.SigningGroup;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.SessionEvent;
import org.tutti.wallet.coins.ChainTime;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentChainListener;
import org.tutti.wallet.payments.PaymentHolds;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.payments.PaymentRequester;
import org.tutti.wallet.payments.PaymentSessionListener;
import org.tutti.wallet.payments.Rebroadcaster;
import org.tutti.wallet.payments.SigningFailedException;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.FreshChainApproval;
import org.tutti.wallet.policy.MainnetApproval;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// A signing node while it runs.
///
/// Started in this order, each needing the ones before: data folder (locked) → keys → group and
/// wallet → host (members only) → signing service (replays the journal) → light client →
/// connections to all members → control socket. Closed in the opposite order; a start that fails
/// closes what it had opened.
///
/// Threads: the caller's starts and closes. Everything else belongs to the parts.
public final class Node implements AutoCloseable {
    /// How long an approval waits for the next block when the chain may only be behind.
    private static final Duration BLOCK_TIMEOUT = Duration.ofSeconds(2);

    private final NodeEnd end;
    private final OpenParts open;
    private final EventSink events;
    private final Running running;
    private NodeConfig config;

    private Node(
            NodeConfig config, NodeEnd end, OpenParts open, EventSink events, Running running) {
        this.config = config;
        this.end = end;
        this.open = open;
        this.events = events;
        this.running = running;
    }

    /// What a started node is asked and told.
    private record Running(
            NodeApi api,
            PaymentApproval approval,
            FreshChainApproval freshChain,
            DailySpending spending,
            LightClient lightClient,
            MemberNames names,
            AdmittedPeers admitted) {}

    /// Makes an empty journal beside new keys: one that is missing at a later start was lost.
    ///
    /// @param data with the keys
    public static void makeJournal(Path data, SecureRandom random) throws IOException {
        byte[] id = new byte[JournalHead.JOURNAL_ID_BYTES];
        random.nextBytes(id);
        Journal.createIfMissing(
                FolderJournalFiles.open(data.resolve(NodeParts.JOURNAL)), Bytes.wrap(id));
    }

    /// Starts a node.
    ///
    /// @param data its data folder, with keys that [org.tutti.node.keystore.KeyStore] made
    /// @param process what was had for this process; told in the status
    /// @param events told what happens, from many threads
    /// @throws NodeException if it cannot start; nothing is left open then
    public static Node start(
            NodeConfig config, Path data, ProcessProtection process, EventSink events) {
        NodeEnd end = new NodeEnd();
        OpenParts open = new OpenParts();
        try {
            NodeParts parts = new NodeParts(config, data, Clock.systemUTC(), new SecureRandom());
            return new Node(config, end, open, events, start(parts, process, end, open, events));
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private static Running start(
            NodeParts parts,
            ProcessProtection process,
            NodeEnd end,
            OpenParts open,
            EventSink events) {
        InstantSource clock = parts.clock();
        open.add(DataFolder.lock(parts.data()));
        NodeKeys keys = open.add(parts.keys());
        Setup setup = Setup.of(parts.config(), keys);
        events.emit(started(setup));
        Optional<Kademlia> dht = parts.dht();
        AdmittedPeers admitted =
                new AdmittedPeers(setup, parts.config().connections().allow(), dht.isPresent());
        Host host = open.add(parts.host(setup, keys, admitted, dht));

        UtxoStore coins = new UtxoStore(setup.wallet());
        ChainTime chainTime = new ChainTime();
        ConfirmationTracker tracker = new ConfirmationTracker();
        Broadcaster broadcaster = new Broadcaster();
        SigningHolds holds = new SigningHolds();
        PaymentProcessor payments =
                new PaymentProcessor(
                        setup.wallet(),
                        setup.self().peerId().multihash(),
                        coins,
                        tracker,
                        broadcaster,
                        holds,
                        check -> Thread.ofVirtual().name("check-payment").start(check),
                        clock,
                        new PaymentReports(events));
        DailySpending spending = open.add(parts.spending(chainTime::median));
        PaymentApproval approval =
                new PaymentApproval(
                        setup.wallet(),
                        coins,
                        setup.policy(),
                        spending,
                        payments::hasRoom,
                        payments::countedBefore,
                        BLOCK_TIMEOUT);
        ChainFreshness freshness = new ChainFreshness();
        FreshChainApproval freshChain =
                new FreshChainApproval(
                        approval, freshness, parts.config().policy().requireFreshChain());
        PaymentHolds holdListener = new PaymentHolds(payments, spending);

        boolean journalIsMissing = !Files.exists(parts.journal());
        SigningService service =
                open.add(
                        parts.signing(
                                keys,
                                host,
                                end::signingStopped,
                                e ->
                                        events.emit(
                                                new NodeEvent.JournalNotCompacted(
                                                        IoReason.of(e)))));
        SigningGroup signing =
                parts.join(
                        service,
                        setup,
                        keys,
                        MainnetApproval.around(
                                freshChain,
                                parts.config().network(),
                                parts.config().allowMainnetSigning()),
                        holdListener,
                        sessionListener(setup, payments, spending, events));
        if (journalIsMissing) {
            events.emit(new NodeEvent.JournalMissing(parts.journal().toString()));
        }
        holds.use(signing.holds());
        NodeParts.listen(host);
        events.emit(listening(host));
        ChainReports chain =
                new ChainReports(
                        new PaymentChainListener(
                                coins, chainTime, tracker, payments, new UtxoReports(events)),
                        events,
                        end::fail,
                        clock);
        LightClient lightClient = open.add(parts.lightClient(chain));
        broadcaster.use(lightClient);
        freshness.use(lightClient);
        service.start();
        MemberConnector connector =
                open.add(
                        new MemberConnector(
                                host,
                                setup.others(),
                                events,
                                clock,
                                MemberConnector.Timing.DEFAULT));
        connector.start();
        dht.ifPresent(found ->
                open.add(
                                new MemberFinder(
                                        host,
                                        found,
                                        parts.config().connections().bootstrap(),
                                        setup.others(),
                                        MemberFinder.Timing.DEFAULT))
                        .start());

        PaymentRequester requester =
                new PaymentRequester(
                        setup.wallet(),
                        setup.self().peerId().multihash(),
                        coins,
                        holds,
                        payments,
                        draft -> {
                            requireConnected(setup, connector.links());
                            requireFreshChain(freshChain);
                            return new StartedSession(signing.sign(draft));
                        },
                        parts.random());
        NodeApi api =
                new NodeService(
                        setup,
                        coins,
                        payments,
                        requester,
                        chain::tip,
                        lightClient::status,
                        new NodeService.Peers(connector::links, host::refusals),
                        coin -> holds.isHeld(PaymentHold.resource(coin)),
                        GroupAgreement.of(signing),
                        () -> SecretsReport.of(memoryProtection(), process, JvmAttach.open()),
                        approval::policy,
                        spending::left,
                        new NodeService.Operator(
                                () -> {
                                    signing.acceptClock();
                                    spending.trustClock();
                                    return clock.instant();
                                },
                                holds::allowConflict,
                                (member, journal) -> accept(signing, member, journal)));
        awaitHolds(signing);
        open.add(parts.control(api));
        open.add(new Rebroadcaster(payments)).start();
        return new Running(
                api, approval, freshChain, spending, lightClient, setup.names(), admitted);
    }

    /// A session needs every member: without one it would only lose time.
    private static void requireConnected(Setup setup, Map<PeerId, MemberConnector.Link> links)
            throws SigningFailedException {
        String missing =
                links.entrySet().stream()
                        .filter(link -> !link.getValue().connected())
                        .map(link ->
                                setup.names().of(link.getKey())
                                        + " since "
                                        + link.getValue().since().truncatedTo(ChronoUnit.SECONDS))
                        .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            throw new SigningFailedException("NOT_CONNECTED", "not connected: " + missing);
        }
    }

    /// This node would not say that it is ready, and the session would end without it.
    private static void requireFreshChain(FreshChainApproval freshChain)
            throws SigningFailedException {
        if (freshChain.isHeldUp()) {
            throw new SigningFailedException(
                    "CHAIN_NOT_FRESH",
                    "the policy requires a fresh chain, and it is not: status says what holds it"
                            + " back");
        }
    }

    private static boolean accept(SigningGroup signing, PeerId member, Bytes journal) {
        try {
            return signing.consent(member, journal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IllegalStateException e) {
            return false; // The node stops.
        }
    }

    /// Until what the journal has is told again, a payment that is asked for with its key would not
    /// be found.
    private static void awaitHolds(SigningGroup signing) {
        try {
            signing.status();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(
                    "INTERRUPTED", NodeException.Kind.ENVIRONMENT, "the start was interrupted");
        } catch (IllegalStateException e) {
            // It has failed already; what it failed with ends the node.
        }
    }

    /// Asked anew each time: more memory is asked for when more secrets are alive than before.
    private static MemoryProtection memoryProtection() {
        return SecretKey.memoryProtection().and(SecretNonce.memoryProtection());
    }

    private static Consumer<SessionEvent> sessionListener(
            Setup setup, PaymentProcessor payments, DailySpending spending, EventSink events) {
        return new PaymentSessionListener(payments, spending)
                .andThen(new SessionReports(setup, payments::read, events));
    }

    private static NodeEvent started(Setup setup) {
        return new NodeEvent.Started(
                setup.self().peerId().toString(),
                setup.self().signingKey().bytes().toHex(),
                setup.wallet().network().name(),
                setup.group().size());
    }

    private static NodeEvent listening(Host host) {
        return new NodeEvent.Listening(
                host.peerId().toString(),
                host.listenAddresses().stream().map(Multiaddr::toString).toList());
    }

    /// What this node can be asked, for callers in the same process; [org.tutti.node.control]
    /// serves it to other processes.
    public NodeApi api() {
        return running.api();
    }

    /// Takes over what a running node can of a configuration that was read again (policy, Bitcoin
    /// peers, aliases, who may connect beside the members), and tells what changed.
    public synchronized void reload(NodeConfig again) {
        ConfigChanges changes = ConfigChanges.between(config, again);
        try {
            running.approval().use(Setup.policy(again));
        } catch (AddressException e) {
            // An address of another network: the network differs.
            reloadFailed(String.valueOf(e.getMessage()));
            return;
        }
        running.freshChain().require(again.policy().requireFreshChain());
        if (ConfigChanges.isAnotherDayLimit(config, again)) {
            running.spending().use(Sat.of(again.policy().maxAmountPerDaySat().getAsLong()));
        }
        if (!config.bitcoinPeers().equals(again.bitcoinPeers())) {
            usePeers(again);
        }
        running.names().use(again.members());
        running.admitted().allowOnly(again.connections().allow());
        config = again;
        events.emit(new NodeEvent.Reloaded(changes.used(), changes.needRestart()));
    }

    private void usePeers(NodeConfig again) {
        try {
            running.lightClient()
                    .usePeers(
                            again.bitcoinPeers().stream()
                                    .map(peer -> new PeerAddress(peer.host(), peer.port()))
                                    .toList());
        } catch (InterruptedException e) {
            // The node ends.
            Thread.currentThread().interrupt();
        }
    }

    /// The configuration was read again, and it is wrong.
    public void reloadFailed(String reason) {
        events.emit(new NodeEvent.ReloadFailed(reason));
    }

    /// Waits until the node was closed.
    ///
    /// @throws NodeException if it cannot go on; close it
    public void awaitEnd() throws InterruptedException {
        end.await();
    }

    /// Ends everything that was started; the second call does nothing.
    @Override
    public void close() {
        if (open.closeAll()) {
            events.emit(new NodeEvent.Stopped());
        }
        end.end();
    }
}
