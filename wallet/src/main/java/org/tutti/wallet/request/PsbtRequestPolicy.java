package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.policy.TransactionRules;
import org.tutti.wallet.request.RequestTransaction.KeyInput;
import org.tutti.wallet.spend.Dust;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Decides on requests as one signer: reads the transaction strictly, recomputes what is signed,
/// and applies its own rules (SIGNING-SAFETY 14).
///
/// What a request takes counts against the limit of 24 hours when it is about to be signed, not
/// when it arrives: strangers use nothing up. It is free again when the request is over before a
/// partial signature of this node's left, which [#on] hears, otherwise with time alone.
///
/// Threads: any. `counted` is guarded by itself.
public final class PsbtRequestPolicy implements RequestPolicy {
    /// How far above this signer's last block a lock time may be: its chain may only be behind the
    /// requester's.
    public static final int MAX_BLOCKS_AHEAD = 2;

    /// The most requests that are about to be signed or were, and are not over: the coordinator has
    /// fewer. What was counted for one is never forgotten before, because it would be taken for
    /// free.
    static final int MAX_COUNTED = 4_096;

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final Network network;
    private final DailySpending spending;
    private final RequestChain chain;
    private final BooleanSupplier room;
    private final BooleanSupplier roomForUnseen;
    private final int maxCounted;
    private volatile RequestRules rules;
    private final Map<RequestId, Txid> counted = new HashMap<>();

    /// @param spending what leaves in 24 hours, perhaps shared with payments; stays the caller's to
    ///   close
    /// @param room whether another transaction can be followed until it is final
    ///   ([SignedRequests#hasRoom])
    public PsbtRequestPolicy(
            Network network,
            RequestRules rules,
            DailySpending spending,
            RequestChain chain,
            BooleanSupplier room) {
        this(network, rules, spending, chain, room, room);
    }

    /// @param roomForUnseen whether another can be that spends only coins which the chain has not
    ///   shown ([SignedRequests#hasRoomForUnseen])
    public PsbtRequestPolicy(
            Network network,
            RequestRules rules,
            DailySpending spending,
            RequestChain chain,
            BooleanSupplier room,
            BooleanSupplier roomForUnseen) {
        this(network, rules, spending, chain, room, roomForUnseen, MAX_COUNTED);
    }

    PsbtRequestPolicy(
            Network network,
            RequestRules rules,
            DailySpending spending,
            RequestChain chain,
            BooleanSupplier room,
            BooleanSupplier roomForUnseen,
            int maxCounted) {
        this.network = network;
        this.rules = rules;
        this.spending = spending;
        this.chain = chain;
        this.room = room;
        this.roomForUnseen = roomForUnseen;
        this.maxCounted = maxCounted;
    }

    /// The rules that decide now.
    public RequestRules rules() {
        return rules;
    }

    /// From the next decision on these rules are the signer's.
    public void use(RequestRules changed) {
        rules = changed;
    }

    @Override
    public Judgement judge(Invitation request, Bytes psbt) throws InterruptedException {
        return judge(request, psbt, false);
    }

    @Override
    public Judgement judgeBeforeSigning(Invitation request, Bytes psbt)
            throws InterruptedException {
        return judge(request, psbt, true);
    }

    private Judgement judge(Invitation request, Bytes psbt, boolean forSigning)
            throws InterruptedException {
        RequestRules now = rules;
        try {
            checkClaims(request, now);
            if (request.psbt().isEmpty()) {
                return judgeRaw(request, now);
            }
            awaitChain(request, psbt);
            RequestTransaction transaction = RequestTransaction.read(request, psbt, network);
            checkTransaction(transaction, now);
            checkChain(transaction);
            checkLimits(request, transaction, forSigning);
            return approved(
                    now.mode() == RequestRules.Mode.ASK_PERSON,
                    transaction.toSign(),
                    transaction.hold(),
                    RequestSummary.of(request, transaction, network));
        } catch (RefusedException e) {
            return new Judgement.Refused(e.code().name(), e.reason());
        }
    }

    private static Judgement approved(
            boolean ask, List<MessageToSign> messages, Hold hold, List<String> summary) {
        return ask
                ? new Judgement.AskPerson(messages, hold, summary)
                : new Judgement.Approved(messages, hold, summary);
    }

    /// What the request says of itself: that it is allowed to be looked at.
    private void checkClaims(Invitation request, RequestRules now) throws RefusedException {
        if (!request.header().network().equals(network.id())) {
            throw new RefusedException(
                    RefusalCode.OTHER_NETWORK, "the request is not for " + network);
        }
        if (network.genesisHash().equals(Network.MAINNET.genesisHash()) && !now.allowMainnet()) {
            throw new RefusedException(
                    RefusalCode.MAINNET_NOT_ALLOWED, "this signer does not sign on mainnet");
        }
        if (!now.requesters().isEmpty() && !now.requesters().contains(request.requester())) {
            throw new RefusedException(
                    RefusalCode.REQUESTER_NOT_ALLOWED,
                    "requests of " + request.requester() + " are not allowed");
        }
        if (!now.types().isEmpty() && !now.types().contains(request.type())) {
            throw new RefusedException(
                    RefusalCode.TYPE_NOT_ALLOWED, "requests of this type are not allowed");
        }
    }

    private static Judgement judgeRaw(Invitation request, RequestRules now)
            throws RefusedException {
        boolean ask =
                switch (now.rawMessages()) {
                    case REFUSE ->
                            throw new RefusedException(
                                    RefusalCode.RAW_MESSAGE_NOT_ALLOWED,
                                    "this signer signs no bare messages");
                    case ASK_PERSON -> true;
                    case ALLOW -> now.mode() == RequestRules.Mode.ASK_PERSON;
                };
        return approved(
                ask,
                request.messages().stream().map(RequestedMessage::toSign).toList(),
                Hold.NONE,
                RequestSummary.ofRaw(request));
    }

    private static void checkTransaction(RequestTransaction transaction, RequestRules now)
            throws RefusedException {
        for (TxOut output : transaction.transaction().outputs()) {
            if (Dust.isDust(output)) {
                throw new RefusedException(
                        RefusalCode.DUST_OUTPUT, "an output of " + output.value() + " is dust");
            }
        }
        if (now.destinations() instanceof Allowlist.Only only
                && transaction.destinations().stream()
                        .anyMatch(o -> !only.scripts().contains(o.scriptPubKey()))) {
            throw new RefusedException(
                    RefusalCode.DESTINATION_NOT_ALLOWED,
                    "an output pays somebody who is not allowed");
        }
        if (transaction.outflow().isMoreThan(now.maxAmount())) {
            throw new RefusedException(
                    RefusalCode.AMOUNT_ABOVE_LIMIT,
                    transaction.outflow() + " from these keys are above " + now.maxAmount());
        }
        if (transaction.fee().isMoreThan(now.maxFee())) {
            throw new RefusedException(
                    RefusalCode.FEE_ABOVE_LIMIT,
                    "the fee of " + transaction.fee() + " is above " + now.maxFee());
        }
        Sat least = FeeRate.MIN_RELAY.feeFor(transaction.weight());
        if (transaction.fee().isLessThan(least)) {
            throw new RefusedException(
                    RefusalCode.FEE_BELOW_RELAY,
                    "the fee of %s is below %s, which nodes relay from"
                            .formatted(transaction.fee(), least));
        }
    }

    /// Before its chain is there, as after a start, a signer says nothing about times. What waits
    /// too long is interrupted. What was read of a PSBT is large, and not kept meanwhile.
    private void awaitChain(Invitation request, Bytes psbt)
            throws RefusedException, InterruptedException {
        if (chain.tipHeight() >= 0
                || RequestTransaction.read(request, psbt, network).transaction().lockTime().value()
                        == 0) {
            return;
        }
        while (chain.tipHeight() < 0) {
            Thread.sleep(INTERVAL);
        }
    }

    private void checkChain(RequestTransaction transaction) throws RefusedException {
        int highest = Math.max(0, chain.tipHeight()) + MAX_BLOCKS_AHEAD;
        TransactionRules.checkFinal(transaction.transaction(), highest);
        for (KeyInput input : transaction.keyInputs()) {
            Optional<UtxoState> known = chain.find(input.outPoint());
            if (known.isPresent()) {
                checkCoin(transaction, input, known.get());
            }
        }
    }

    private void checkCoin(RequestTransaction transaction, KeyInput input, UtxoState known)
            throws RefusedException {
        if (!known.utxo().output().equals(input.prevout())) {
            throw new RefusedException(
                    RefusalCode.PREVOUT_DIFFERS,
                    input.outPoint() + " is " + known.utxo().output().value() + " on the chain");
        }
        switch (known) {
            case UtxoState.Spent spent -> {
                if (!spent.by().equals(transaction.txid())) {
                    throw new RefusedException(
                            RefusalCode.ALREADY_SPENT,
                            input.outPoint() + " was spent in block " + spent.height());
                }
            }
            case UtxoState.Unspent(Utxo utxo) -> {
                if (!utxo.isMature(chain.tipHeight())) {
                    throw new RefusedException(
                            RefusalCode.IMMATURE,
                            input.outPoint() + " is a coinbase of block " + utxo.height());
                }
            }
        }
    }

    /// Last, because it is on disk afterwards.
    private void checkLimits(Invitation request, RequestTransaction transaction, boolean forSigning)
            throws RefusedException, InterruptedException {
        if (!room.getAsBoolean()) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_PAYMENTS,
                    "too many transactions are neither confirmed nor given up");
        }
        boolean unseen =
                transaction.coins().stream().noneMatch(coin -> chain.find(coin).isPresent());
        if (unseen && !roomForUnseen.getAsBoolean()) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_PAYMENTS,
                    "too many transactions wait for coins that this signer's chain has not shown");
        }
        if (forSigning) {
            count(request.id(), transaction);
            return;
        }
        Optional<Sat> left = spending.left();
        if (left.isPresent() && transaction.outflow().isMoreThan(left.get())) {
            throw new RefusedException(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    "%s from these keys, and %s are left for these 24 hours"
                            .formatted(transaction.outflow(), left.get()));
        }
    }

    private void count(RequestId request, RequestTransaction transaction)
            throws RefusedException, InterruptedException {
        boolean isNew;
        synchronized (counted) {
            if (counted.size() >= maxCounted && !counted.containsKey(request)) {
                throw new RefusedException(
                        RefusalCode.TOO_MANY_SESSIONS, "too many requests are being signed");
            }
            isNew = counted.putIfAbsent(request, transaction.spendingName()) == null;
        }
        try {
            spending.count(session(request), transaction.spendingName(), transaction.outflow());
        } catch (RefusedException | InterruptedException e) {
            if (isNew) {
                synchronized (counted) {
                    counted.remove(request);
                }
            }
            throw e;
        }
    }

    /// What the approval of a request is counted for. No session has this name: both are hashes.
    private static SessionId session(RequestId request) {
        return new SessionId(request.bytes());
    }

    /// What the coordinator tells, every event in its order: so it is known what of the limit is
    /// free again. Returns at once.
    public void on(CoordinatorEvent event) {
        switch (event) {
            // From here on partial signatures leave.
            case CoordinatorEvent.Round1Complete e -> committed(e.request());
            case CoordinatorEvent.Finalized e -> committed(e.request());
            // Perhaps of signatures from before a restart.
            case CoordinatorEvent.BroadcastConfirmed e -> committed(e.request());
            // Told only when nothing of this node's has left, or what left is settled.
            case CoordinatorEvent.SessionClosed e -> closed(e);
            case CoordinatorEvent.PeerBlocked _,
                    CoordinatorEvent.RequestCreated _,
                    CoordinatorEvent.RequestReceived _,
                    CoordinatorEvent.ApprovalNeeded _,
                    CoordinatorEvent.RequestJoined _,
                    CoordinatorEvent.RequestRefused _,
                    CoordinatorEvent.RequestWithdrawn _,
                    CoordinatorEvent.RequestExpired _,
                    CoordinatorEvent.ParticipantConnected _,
                    CoordinatorEvent.ParticipantDisconnected _,
                    CoordinatorEvent.SessionReady _,
                    CoordinatorEvent.SessionCreated _,
                    CoordinatorEvent.SessionJoined _,
                    CoordinatorEvent.StepNeeded _,
                    CoordinatorEvent.Round2Complete _,
                    CoordinatorEvent.SignerLate _,
                    CoordinatorEvent.SessionAborted _,
                    CoordinatorEvent.ShouldBroadcast _ -> {
                // Changes no limit.
            }
        }
    }

    private void committed(RequestId request) {
        Txid name;
        synchronized (counted) {
            name = counted.get(request);
        }
        if (name != null) {
            spending.committed(session(request), name);
        }
    }

    private void closed(CoordinatorEvent.SessionClosed event) {
        if (event.partialsLeft()) {
            // Whatever was told of it before: events may be lost where too many wait.
            committed(event.request());
        }
        synchronized (counted) {
            counted.remove(event.request());
        }
        spending.released(session(event.request()));
    }

    @Override
    public Hold holdOf(Invitation request, Bytes psbt) {
        if (request.psbt().isEmpty()) {
            return Hold.NONE;
        }
        try {
            return RequestTransaction.read(request, psbt, network).hold();
        } catch (RefusedException e) {
            return Hold.NONE; // No signer has ever approved it.
        }
    }
}
