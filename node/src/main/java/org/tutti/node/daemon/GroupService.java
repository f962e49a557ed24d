package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.musig.taproot.TaprootOutput;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.ConflictAllowed;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.Payments;
import org.tutti.node.api.RecoveryAccepted;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentOrder;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.payments.PaymentRequester;
import org.tutti.wallet.payments.PaymentState;
import org.tutti.wallet.payments.SignedPayment;
import org.tutti.wallet.payments.SigningFailedException;
import org.tutti.wallet.payments.TrackedPayment;
import org.tutti.wallet.payments.TrackedPayment.Origin;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.FeeLadder;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a running node answers for one of its groups: reads the requests' texts and numbers into
/// the wallet's types, and writes the wallet's types as texts and numbers.
///
/// Threads: any number at once; no state of its own.
final class GroupService {
    private static final Pattern HEX_OF_ID = Pattern.compile("[0-9a-f]{32}");

    /// Most coins and payments listed in a status.
    static final int MAX_LISTED = 200;

    /// Digits of an id that name a payment, if no other begins so.
    private static final int MIN_ID = 8;

    /// How long the address waits for members that have not agreed on it.
    private static final Duration AGREEMENT_TIMEOUT = Duration.ofSeconds(15);

    private final Optional<Formed> formed;
    private final Setup setup;
    private final UtxoStore coins;
    private final PaymentProcessor payments;
    private final PaymentRequester requester;
    private final Supplier<SyncStatus> chain;
    private final Supplier<Map<PeerId, MemberConnector.Link>> links;
    private final Predicate<OutPoint> isHeld;
    private final GroupAgreement agreement;
    private final Supplier<SpendPolicy> policy;
    private final Supplier<Optional<Sat>> leftToday;
    private final Operator operator;

    /// What a group is called that strangers have formed.
    ///
    /// @param id of its descriptor
    record Formed(String id, String proposal, String name) {
        private static final Pattern PREFIX = Pattern.compile("[0-9a-f]{8,64}");

        /// Whether a user may mean it.
        boolean isCalled(String text) {
            return text.equals(name)
                    || (PREFIX.matcher(text).matches()
                            && (id.startsWith(text) || proposal.startsWith(text)));
        }
    }

    /// What only the operator may decide.
    ///
    /// @param acceptClock the wall clock is right; gives the time
    /// @param allowConflict the payment of this session may be made impossible
    /// @param acceptRecovery of this member, with this new journal; false if it does not ask for it
    record Operator(
            Supplier<Instant> acceptClock,
            Consumer<SessionId> allowConflict,
            BiPredicate<PeerId, Bytes> acceptRecovery) {}

    /// What a status says of the group.
    ///
    /// @param address absent until all members have agreed on it once
    record State(
            Optional<String> address,
            List<NodeStatus.Member> members,
            Optional<NodeStatus.Recovery> recovery,
            NodeStatus.Balance balance,
            List<NodeStatus.Utxo> coins,
            List<NodeStatus.Payment> payments,
            List<NodeStatus.Session> sessions,
            NodeStatus.Policy policy) {
        /// Of a node without a group.
        static final State NONE =
                new State(
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        new NodeStatus.Balance(0, 0, 0),
                        List.of(),
                        List.of(),
                        List.of(),
                        new NodeStatus.Policy(0, Optional.empty(), 0, false, List.of()));
    }

    /// @param formed what it is called where strangers have formed it
    /// @param chain how far it is followed
    /// @param links with each other member
    /// @param isHeld whether a coin is promised to a payment
    /// @param policy that decides now
    /// @param leftToday of the day's limit, if there is one
    GroupService(
            Optional<Formed> formed,
            Setup setup,
            UtxoStore coins,
            PaymentProcessor payments,
            PaymentRequester requester,
            Supplier<SyncStatus> chain,
            Supplier<Map<PeerId, MemberConnector.Link>> links,
            Predicate<OutPoint> isHeld,
            GroupAgreement agreement,
            Supplier<SpendPolicy> policy,
            Supplier<Optional<Sat>> leftToday,
            Operator operator) {
        this.formed = formed;
        this.setup = setup;
        this.coins = coins;
        this.payments = payments;
        this.requester = requester;
        this.chain = chain;
        this.links = links;
        this.isHeld = isHeld;
        this.agreement = agreement;
        this.policy = policy;
        this.leftToday = leftToday;
        this.operator = operator;
    }

    ClockAccepted acceptClock() {
        return new ClockAccepted(operator.acceptClock().get().toString());
    }

    ConflictAllowed allowConflict(String session) throws ApiException {
        SessionId id =
                payments.payments().stream()
                        .flatMap(payment -> payment.origin().stream())
                        .map(origin -> origin.session())
                        .filter(known -> known.toString().equals(session))
                        .findFirst()
                        .orElseThrow(() ->
                                new ApiException(
                                        "NO_SUCH_SESSION",
                                        "no payment of session " + session + " is known here"));
        operator.allowConflict().accept(id);
        return new ConflictAllowed(id.toString());
    }

    RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException {
        PeerId member =
                setup.group().members().stream()
                        .map(Member::peerId)
                        .filter(id -> id.toString().equals(peerId))
                        .filter(id -> !id.equals(setup.self().peerId()))
                        .findFirst()
                        .orElseThrow(() ->
                                new ApiException(
                                        "NO_SUCH_MEMBER", peerId + " is not another member"));
        if (!HEX_OF_ID.matcher(journal).matches()) {
            throw bad("journal: 32 hex digits");
        }
        if (!operator.acceptRecovery().test(member, Bytes.fromHex(journal))) {
            throw new ApiException(
                    "NOT_ASKED_FOR",
                    peerId
                            + " is not asking to continue with journal "
                            + journal
                            + "; see status for the journal it asks for");
        }
        return new RecoveryAccepted(peerId, journal);
    }

    /// What it is called, if strangers have formed it.
    Optional<Formed> formed() {
        return formed;
    }

    /// Of a group that was formed all members hold the signatures of all: they agree.
    AddressInfo address() throws ApiException {
        if (formed.isEmpty() && !agreement.await(AGREEMENT_TIMEOUT)) {
            throw new ApiException("NOT_AGREED", missing());
        }
        Script script = setup.wallet().freshReceive(coins::isUsed);
        TaprootOutput output = setup.wallet().output(script);
        return new AddressInfo(
                setup.wallet().address(script).text(),
                setup.wallet().network().name(),
                output.internalKey().bytes().toHex(),
                output.outputKey().bytes().toHex());
    }

    private String nextAddress() {
        GroupWallet wallet = setup.wallet();
        return wallet.address(wallet.freshReceive(coins::isUsed)).text();
    }

    private String missing() {
        List<String> missing =
                members().stream()
                        .filter(member -> member.state() != NodeStatus.Member.State.AGREED)
                        .map(this::text)
                        .toList();
        return "the address is not shown before all members have agreed on it once: "
                + String.join("; ", missing);
    }

    private String text(NodeStatus.Member member) {
        String what =
                switch (member.state()) {
                    case OTHER_GROUP -> "is in another group (network, epoch or a key differ), ";
                    case OTHER_ADDRESS -> "derives a different group address, ";
                    case COPIED -> "has two processes with its identity";
                    case AGREED, WAITING, RECOVERING, ACCEPTED ->
                            member.connected() ? "has not said so" : "is not connected";
                };
        return "%s %s%s"
                .formatted(setup.names().of(member.peerId()), what, member.theirs().orElse(""));
    }

    /// What a status says of the group now.
    State state() {
        List<Utxo> spendable =
                coins.spendable().stream().filter(coin -> !isHeld.test(coin.outPoint())).toList();
        return new State(
                formed.isPresent() || agreement.await(Duration.ZERO)
                        ? Optional.of(nextAddress())
                        : Optional.empty(),
                members(),
                agreement.recovery().map(GroupService::recovery),
                new NodeStatus.Balance(
                        coins.balance().value(),
                        spendable.stream().mapToLong(coin -> coin.value().value()).sum(),
                        spendable.size()),
                coins.unspent().stream()
                        .limit(MAX_LISTED)
                        .map(coin -> coin(coin, spendable.contains(coin)))
                        .toList(),
                payments().payments(),
                agreement.sessions().stream().limit(MAX_LISTED).map(GroupService::session).toList(),
                policy());
    }

    private NodeStatus.Policy policy() {
        SpendPolicy now = policy.get();
        return new NodeStatus.Policy(
                now.maxAmount().value(),
                leftToday.get().map(Sat::value),
                now.maxFee().value(),
                now.allowlist() instanceof Allowlist.Any,
                switch (now.allowlist()) {
                    case Allowlist.Any() -> List.of();
                    case Allowlist.Only(Set<Script> scripts) ->
                            scripts.stream()
                                    .map(this::destination)
                                    .sorted()
                                    .limit(MAX_LISTED)
                                    .toList();
                });
    }

    Payments payments() {
        return new Payments(
                payments.payments().reversed().stream()
                        .limit(MAX_LISTED)
                        .map(this::payment)
                        .toList());
    }

    NodeStatus.Payment payment(String id) throws ApiException {
        return payment(find(id));
    }

    /// Whether a payment of the group's is called so.
    boolean hasPayment(String id) {
        try {
            var _ = find(id);
            return true;
        } catch (ApiException e) {
            return e.code().equals("AMBIGUOUS");
        }
    }

    private TrackedPayment find(String id) throws ApiException {
        List<TrackedPayment> all = payments.payments();
        List<TrackedPayment> exact =
                all.stream()
                        .filter(payment -> ids(payment).contains(id) || isOwnKey(payment, id))
                        .toList();
        if (!exact.isEmpty()) {
            return mostTelling(exact);
        }
        List<TrackedPayment> found =
                id.length() < MIN_ID
                        ? List.of()
                        : all.stream()
                                .filter(payment ->
                                        ids(payment).stream().anyMatch(one -> one.startsWith(id)))
                                .toList();
        if (found.isEmpty()) {
            throw new ApiException("NO_SUCH_PAYMENT", "no payment " + id + " is known here");
        }
        if (found.stream().map(payment -> payment.origin().map(Origin::session)).distinct().count()
                > 1) {
            throw new ApiException(
                    "AMBIGUOUS",
                    found.size() + " payments begin with " + id + ": write more of it");
        }
        return mostTelling(found);
    }

    /// Of several versions of one payment the one in a block, or else the newest; of the rungs of a
    /// ladder the one that was sent last.
    private static TrackedPayment mostTelling(List<TrackedPayment> versions) {
        Optional<TrackedPayment> confirmed =
                versions.stream()
                        .filter(version -> version.state() == PaymentState.CONFIRMED)
                        .findFirst();
        if (confirmed.isPresent()) {
            return confirmed.get();
        }
        Optional<SessionId> newest = versions.getLast().origin().map(Origin::session);
        List<TrackedPayment> rungs =
                versions.stream()
                        .filter(version -> version.origin().map(Origin::session).equals(newest))
                        .toList();
        return rungs.reversed().stream()
                .filter(rung ->
                        rung.state() == PaymentState.SENT || rung.state() == PaymentState.SEEN)
                .findFirst()
                .orElse(rungs.getFirst());
    }

    private static List<String> ids(TrackedPayment payment) {
        return Stream.concat(
                        Stream.of(payment.txid().toString()),
                        payment.origin().stream().map(origin -> origin.session().toString()))
                .toList();
    }

    private boolean isOwnKey(TrackedPayment payment, String key) {
        return payment.origin()
                .filter(this::isOwn)
                .filter(o -> text(o.key()).equals(key))
                .isPresent();
    }

    private boolean isOwn(Origin origin) {
        return origin.requester().equals(setup.self().peerId().multihash());
    }

    private List<NodeStatus.Member> members() {
        Map<PeerId, MemberConnector.Link> now = links.get();
        return agreement.members().stream()
                .map(state -> {
                    Member member = state.member();
                    Optional<MemberConnector.Link> link =
                            Optional.ofNullable(now.get(member.peerId()));
                    return new NodeStatus.Member(
                            member.index(),
                            setup.names().alias(member.peerId().toString()),
                            member.peerId().toString(),
                            member.signingKey().bytes().toHex(),
                            member.equals(setup.self()),
                            link.filter(MemberConnector.Link::connected).isPresent(),
                            link.map(l -> time(l.since())),
                            link.flatMap(MemberConnector.Link::roundTrip)
                                    .map(trip -> trip.toNanos() / 1_000),
                            stateOf(state),
                            state.otherTerms()
                                    .map(GroupAgreement::text)
                                    .or(() -> state.otherGroup().map(Bytes::toHex))
                                    .or(() -> state.newJournal().map(Bytes::toHex)));
                })
                .toList();
    }

    private static NodeStatus.Member.State stateOf(MemberState state) {
        if (state.copied()) {
            return NodeStatus.Member.State.COPIED;
        }
        if (state.otherTerms().isPresent()) {
            return NodeStatus.Member.State.OTHER_ADDRESS;
        }
        if (state.otherGroup().isPresent()) {
            return NodeStatus.Member.State.OTHER_GROUP;
        }
        if (state.newJournal().isPresent()) {
            return state.consented()
                    ? NodeStatus.Member.State.ACCEPTED
                    : NodeStatus.Member.State.RECOVERING;
        }
        return state.agreed() ? NodeStatus.Member.State.AGREED : NodeStatus.Member.State.WAITING;
    }

    private static NodeStatus.Session session(LiveSession live) {
        return new NodeStatus.Session(
                live.id().toString(),
                live.requester().peerId().toString(),
                live.attempt(),
                NodeStatus.Session.Phase.valueOf(live.phase()),
                peerIds(live.waitedFor()));
    }

    private static NodeStatus.Recovery recovery(RecoveryStatus status) {
        return new NodeStatus.Recovery(
                status.journal().toHex(),
                peerIds(status.consented()),
                peerIds(status.handedOver()),
                status.nobodyRemembers());
    }

    private static List<String> peerIds(List<Member> members) {
        return members.stream().map(member -> member.peerId().toString()).toList();
    }

    private NodeStatus.Utxo coin(Utxo coin, boolean spendable) {
        return new NodeStatus.Utxo(
                coin.outPoint().txid().toString(),
                coin.outPoint().vout(),
                coin.value().value(),
                coin.height(),
                coin.coinbase(),
                spendable,
                isHeld.test(coin.outPoint()) ? holder(coin.outPoint()) : Optional.empty());
    }

    /// The session that a coin is promised to: of several versions of one payment the newest.
    private Optional<String> holder(OutPoint coin) {
        return payments.payments().reversed().stream()
                .filter(payment -> payment.state() != PaymentState.GIVEN_UP && !payment.settled())
                .flatMap(payment -> payment.origin().stream())
                .filter(origin -> origin.coins().contains(coin))
                .map(origin -> origin.session().toString())
                .findFirst();
    }

    private NodeStatus.Payment payment(TrackedPayment payment) {
        Optional<Origin> origin = payment.origin();
        List<NodeStatus.Output> outputs = origin.map(o -> outputs(o.unsigned())).orElse(List.of());
        Optional<Sat> fee = origin.flatMap(o -> payments.fee(o.unsigned()));
        return new NodeStatus.Payment(
                payment.txid().toString(),
                payment.state(),
                time(payment.since()),
                origin.map(o -> time(o.created())),
                origin.flatMap(this::requester),
                payment.depth(coins.tipHeight()),
                payment.confirmation().map(c -> c.blockHash().toString()),
                payment.conflict().map(Txid::toString),
                payment.seenBy(),
                origin.map(o -> o.session().toString()),
                origin.filter(this::isOwn).map(o -> text(o.key())),
                outputs.stream().mapToLong(NodeStatus.Output::amountSat).sum(),
                outputs,
                fee.map(Sat::value),
                fee.map(paid -> rate(paid, origin.orElseThrow().unsigned())),
                origin.filter(o -> o.rungs() > 1)
                        .map(o -> new NodeStatus.Rung(o.rung(), o.rungs())),
                formed.map(Formed::id));
    }

    private Optional<String> requester(Origin origin) {
        return setup.group().members().stream()
                .map(Member::peerId)
                .filter(peer -> peer.multihash().equals(origin.requester()))
                .map(PeerId::toString)
                .findFirst();
    }

    private static double rate(Sat fee, Transaction unsigned) {
        double rate = (double) fee.value() / PaymentBuilder.signedWeight(unsigned).virtualBytes();
        return Math.round(rate * 100) / 100.0;
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private List<NodeStatus.Output> outputs(Transaction unsigned) {
        return payments.foreign(unsigned).stream()
                .limit(MAX_LISTED)
                .map(output ->
                        new NodeStatus.Output(
                                destination(output.scriptPubKey()), output.value().value()))
                .toList();
    }

    private String destination(Script script) {
        try {
            return Address.of(script, setup.wallet().network()).text();
        } catch (AddressException e) {
            return script.toHex();
        }
    }

    /// This node's own keys, which are checked to be printable.
    private static String text(Bytes key) {
        return new String(key.toArray(), StandardCharsets.US_ASCII);
    }

    PaymentResult pay(PayRequest request) throws ApiException {
        PaymentOrder order = order(request);
        if (coins.tip().isEmpty()) {
            throw new ApiException("CHAIN_UNKNOWN", chainUnknown());
        }
        return result(() -> requester.pay(order));
    }

    PaymentResult bump(ReplaceRequest request) throws ApiException {
        Bytes key = ownKey(request.id());
        Optional<FeeRate> rate = rate(request);
        return result(() -> requester.bump(key, rate));
    }

    PaymentResult cancel(ReplaceRequest request) throws ApiException {
        Bytes key = ownKey(request.id());
        Optional<FeeRate> rate = rate(request);
        return result(() -> requester.cancel(key, rate));
    }

    private static Optional<FeeRate> rate(ReplaceRequest request) throws ApiException {
        return request.feeRate().isPresent()
                ? Optional.of(feeRate(request.feeRate().get()))
                : Optional.empty();
    }

    private Bytes ownKey(String id) throws ApiException {
        TrackedPayment payment = find(id);
        return payment.origin()
                .filter(this::isOwn)
                .map(Origin::key)
                .orElseThrow(() ->
                        new ApiException(
                                "NOT_OURS",
                                payment.origin()
                                        .flatMap(this::requester)
                                        .map(peer ->
                                                "only "
                                                        + setup.names().of(peer)
                                                        + ", who asked for it, can replace it")
                                        .orElse("it was found in a block, and is final there")));
    }

    /// Something that the group signs.
    @FunctionalInterface
    private interface Signing {
        SignedPayment ask() throws PaymentException, SigningFailedException;
    }

    private static PaymentResult result(Signing signing) throws ApiException {
        try {
            SignedPayment signed = signing.ask();
            return new PaymentResult(
                    signed.session().toString(),
                    signed.txid().toString(),
                    signed.fee().map(Sat::value),
                    signed.state(),
                    text(signed.key()));
        } catch (PaymentException e) {
            throw new ApiException(e.code().name(), String.valueOf(e.getMessage()));
        } catch (SigningFailedException e) {
            throw new ApiException(e.code(), e.reason());
        }
    }

    private String chainUnknown() {
        List<SyncStatus.Obstacle> obstacles = chain.get().obstacles();
        return "this node has seen no block yet, so that it knows no coins"
                + (obstacles.isEmpty() ? "" : ": " + obstacles.getFirst().detail());
    }

    private PaymentOrder order(PayRequest request) throws ApiException {
        long amount = request.amountSat();
        if (amount < 1 || !Sat.isValid(amount)) {
            throw bad("amountSat: 1 to " + Sat.MAX_VALUE + ", not " + amount);
        }
        List<FeeRate> rates = rates(request);
        CoinSelection selection =
                request.coins().isPresent()
                        ? atLeast(request.coins().get())
                        : new CoinSelection.Fewest();
        try {
            Address to = Address.parse(request.to(), setup.wallet().network());
            return new PaymentOrder(
                    to,
                    Sat.of(amount),
                    rates.getFirst(),
                    rates.subList(1, rates.size()),
                    selection,
                    key(request),
                    request.again().orElse(false));
        } catch (AddressException e) {
            throw bad("to: " + e.getMessage());
        }
    }

    /// The lowest first.
    private static List<FeeRate> rates(PayRequest request) throws ApiException {
        if (request.feeLadder().isEmpty()) {
            return List.of(feeRate(request.feeRate().orElse(PayRequest.DEFAULT_FEE_RATE)));
        }
        List<Long> ladder = request.feeLadder().get();
        if (request.feeRate().isPresent()) {
            throw bad("feeLadder: in the place of feeRate, not beside it");
        }
        if (ladder.size() < 2
                || ladder.size() > FeeLadder.MAX_RUNGS
                || !ladder.equals(ladder.stream().distinct().sorted().toList())) {
            throw bad("feeLadder: 2 to " + FeeLadder.MAX_RUNGS + " rising rates, not " + ladder);
        }
        List<FeeRate> rates = new ArrayList<>();
        for (long rate : ladder) {
            rates.add(feeRate(rate));
        }
        return rates;
    }

    private static Optional<Bytes> key(PayRequest request) throws ApiException {
        if (request.key().isEmpty()) {
            return Optional.empty();
        }
        String key = request.key().get();
        if (key.isEmpty()
                || key.length() > PayRequest.MAX_KEY_CHARS
                || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw bad(
                    "key: 1 to "
                            + PayRequest.MAX_KEY_CHARS
                            + " printable ASCII characters without spaces");
        }
        return Optional.of(Bytes.wrap(key.getBytes(StandardCharsets.US_ASCII)));
    }

    private static FeeRate feeRate(long rate) throws ApiException {
        if (rate < 1 || rate > PayRequest.MAX_FEE_RATE) {
            throw bad("feeRate: 1 to " + PayRequest.MAX_FEE_RATE + " sat/vB, not " + rate);
        }
        return FeeRate.satPerVirtualByte(rate);
    }

    private static CoinSelection atLeast(long count) throws ApiException {
        if (count < 1 || count > PaymentBuilder.MAX_INPUTS) {
            throw bad("coins: 1 to " + PaymentBuilder.MAX_INPUTS + ", not " + count);
        }
        return new CoinSelection.AtLeast((int) count);
    }

    private static ApiException bad(String reason) {
        return new ApiException("BAD_REQUEST", reason);
    }
}
