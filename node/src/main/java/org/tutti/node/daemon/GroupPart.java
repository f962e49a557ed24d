package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.events.EventSink;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.request.SigningRequestDraft;
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
import org.tutti.wallet.payments.PaymentSigner;
import org.tutti.wallet.payments.Rebroadcaster;
import org.tutti.wallet.payments.SigningFailedException;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.FreshChainApproval;
import org.tutti.wallet.policy.MainnetApproval;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// A group of a node, configured or formed by strangers: its wallet, its policy, its payments, and
/// the connections to its members. What it opens is closed with the node.
final class GroupPart {
    /// How long an approval waits for the next block when the chain may only be behind.
    private static final Duration BLOCK_TIMEOUT = Duration.ofSeconds(2);

    /// What one group of a node has that another has not.
    ///
    /// @param tag of its members to the host
    /// @param signingKey of this node in it; stays the caller's to close
    /// @param approved where it is noted what was approved
    /// @param formed what it is called where strangers have formed it
    /// @param caughtUp whether all blocks since its birthday have been read
    /// @param gate asked in the place of what decides
    record Kind(
            Setup setup,
            String tag,
            SecretKey signingKey,
            Path approved,
            Optional<GroupService.Formed> formed,
            BooleanSupplier caughtUp,
            UnaryOperator<Approval> gate) {
        /// The one of the configuration, whose blocks are those that the light client tells.
        static Kind configured(NodeParts parts, Setup setup, NodeKeys keys) {
            return new Kind(
                    setup,
                    "group",
                    keys.signing(),
                    parts.approved(),
                    Optional.empty(),
                    () -> true,
                    UnaryOperator.identity());
        }
    }

    private final NodeParts parts;
    private final Kind kind;
    private final Setup setup;
    private final OpenParts open;
    private final EventSink events;
    private final UtxoStore coins;
    private final ChainTime chainTime = new ChainTime();
    private final ConfirmationTracker tracker = new ConfirmationTracker();
    private final Broadcaster broadcaster = new Broadcaster();
    private final SigningHolds holds = new SigningHolds();
    private final ChainFreshness freshness = new ChainFreshness();
    private final PaymentProcessor payments;
    private final DailySpending spending;
    private final PaymentApproval approval;
    private final FreshChainApproval freshChain;
    private final SigningGroup signing;

    /// Joins the signing service.
    GroupPart(
            NodeParts parts, Kind kind, SigningService service, OpenParts open, EventSink events) {
        this.parts = parts;
        this.kind = kind;
        this.setup = kind.setup();
        this.open = open;
        this.events = events;
        coins = new UtxoStore(setup.wallet());
        payments =
                new PaymentProcessor(
                        setup.wallet(),
                        setup.self().peerId().multihash(),
                        coins,
                        tracker,
                        broadcaster,
                        holds,
                        check -> Thread.ofVirtual().name("check-payment").start(check),
                        parts.clock(),
                        new PaymentReports(events));
        spending =
                open.add(
                        parts.spending(
                                kind.approved(),
                                parts.config().policy().maxAmountPerDaySat(),
                                chainTime::median));
        approval =
                new PaymentApproval(
                        setup.wallet(),
                        coins,
                        setup.policy(),
                        spending,
                        payments::hasRoom,
                        payments::countedBefore,
                        BLOCK_TIMEOUT);
        freshChain =
                new FreshChainApproval(
                        approval, freshness, parts.config().policy().requireFreshChain());
        signing =
                parts.join(
                        service,
                        setup,
                        kind.signingKey(),
                        decides(kind, freshChain, parts.config()),
                        new PaymentHolds(payments, spending),
                        sessionListener());
        holds.use(signing.holds());
    }

    /// Asked on each request of the group.
    ///
    /// @param policy decides where nothing else speaks against it
    static Approval decides(Kind kind, Approval policy, NodeConfig config) {
        return kind.gate()
                .apply(
                        MainnetApproval.around(
                                // In a block that is not read a coin may be spent.
                                new FreshChainApproval(
                                        policy, kind.caughtUp(), /* required= */ true),
                                config.network(),
                                config.allowMainnetSigning()));
    }

    private Consumer<SessionEvent> sessionListener() {
        return new PaymentSessionListener(payments, spending)
                .andThen(new SessionReports(setup, payments::read, events));
    }

    /// Whether a transaction is a payment of the group's.
    boolean follows(Txid txid) {
        return payments.knows(txid);
    }

    /// What is to be told of the chain.
    ///
    /// @param others what is sent for somebody else, and is no payment of this group's
    ChainListener chain(Predicate<Txid> others) {
        ChainListener all =
                new PaymentChainListener(
                        coins, chainTime, tracker, payments, new UtxoReports(events));
        return new ChainListeners(List.of(all)) {
            @Override
            public void broadcast(BroadcastEvent event) {
                if (!others.test(event.txid())) {
                    super.broadcast(event);
                }
            }
        };
    }

    /// The chain is followed from now on.
    void follow(LightClient lightClient) {
        broadcaster.use(lightClient);
        freshness.use(lightClient);
    }

    /// Connects to the members, once host and signing service have been started, and makes what the
    /// group is asked through.
    GroupService start(Host host, Optional<Kademlia> dht, LightClient chain) {
        MemberConnector connector =
                open.add(
                        new MemberConnector(
                                host,
                                kind.tag(),
                                setup.others(),
                                events,
                                parts.clock(),
                                MemberConnector.Timing.DEFAULT));
        connector.start();
        dht.ifPresent(found ->
                open.add(new MemberFinder(host, found, setup.others(), MemberFinder.Timing.DEFAULT))
                        .start());
        PaymentRequester requester =
                new PaymentRequester(
                        setup.wallet(),
                        setup.self().peerId().multihash(),
                        coins,
                        holds,
                        payments,
                        new PaymentSigner() {
                            @Override
                            public Started start(SigningRequestDraft draft)
                                    throws SigningFailedException {
                                requireConnected(setup, connector.links());
                                requireFreshChain(freshChain);
                                requireCaughtUp(kind.caughtUp());
                                return new StartedSession(signing.sign(draft));
                            }

                            @Override
                            public Optional<Started> running(Bytes idempotencyKey)
                                    throws InterruptedException {
                                return signing.running(idempotencyKey).map(StartedSession::new);
                            }
                        },
                        parts.random());
        return new GroupService(
                kind.formed(),
                setup,
                coins,
                payments,
                requester,
                chain::status,
                connector::links,
                coin -> holds.isHeld(PaymentHold.resource(coin)),
                GroupAgreement.of(signing),
                approval::policy,
                spending::left,
                new GroupService.Operator(
                        () -> {
                            signing.acceptClock();
                            spending.trustClock();
                            return parts.clock().instant();
                        },
                        holds::allowConflict,
                        (member, journal) -> accept(signing, member, journal)));
    }

    /// Until what the journal has is told again, a payment that is asked for with its key would not
    /// be found.
    void awaitHolds() {
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

    /// Sends again what no Bitcoin peer has.
    void rebroadcast() {
        open.add(new Rebroadcaster(payments)).start();
    }

    /// Takes over what a running group can of a configuration that was read again.
    ///
    /// @throws AddressException if a destination is one of another network: the network differs
    void use(NodeConfig before, NodeConfig again) throws AddressException {
        approval.use(Setup.policy(again));
        freshChain.require(again.policy().requireFreshChain());
        if (ConfigChanges.isAnotherDayLimit(before, again)) {
            spending.use(Sat.of(again.policy().maxAmountPerDaySat().getAsLong()));
        }
        setup.names().use(again.members());
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

    private static void requireCaughtUp(BooleanSupplier caughtUp) throws SigningFailedException {
        if (!caughtUp.getAsBoolean()) {
            throw new SigningFailedException(
                    "RESCANNING",
                    "not all blocks since the group's birthday have been read yet: status says how"
                            + " far");
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
}
