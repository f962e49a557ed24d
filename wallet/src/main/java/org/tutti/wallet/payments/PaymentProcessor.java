package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.TrackedPayment.Origin;
import org.tutti.wallet.policy.FeeLadder;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.PaymentCompletion;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The group's payments, from this node's approval until they are final.
///
/// Every node completes and checks each payment; the requester broadcasts it, and any other node
/// does when it has not seen it in a block for a while: again and again, after every restart, until
/// it is [#FINAL_DEPTH] blocks deep or something else that spends one of its coins is. Then its
/// hold is settled. The disk of all this is the signing service's journal, which tells its holds
/// again at each start: before this node knows the chain, so that signatures wait until it has the
/// coins. What such a node finds spent in a block it reports too, whether or not it ever had the
/// signatures.
///
/// Threads: any may call any method; in a node the signing engine, the light client and the
/// rebroadcasts have one thread each. What is told by the engine returns at once: checks, and what
/// follows from signatures, run on the executor. The lock guards `ledger`; under it nothing blocks
/// but [#awaitEnd], which gives it up; the listener is told, and holds are settled, outside it.
public final class PaymentProcessor {
    /// From how many payments on, not settled, no further one is approved. Nothing that may have
    /// been signed is forgotten.
    public static final int MAX_OPEN = 1_000;

    /// Most settled, given up, or only found payments remembered; the oldest are forgotten first.
    public static final int MAX_HISTORY = 1_000;

    /// How deep a block is that is taken for final.
    public static final int FINAL_DEPTH = PaymentLedger.FINAL_DEPTH;

    private static final String NOT_ACCEPTED = "the light client has too much to do";

    private final GroupWallet wallet;
    private final Bytes self;
    private final UtxoStore coins;
    private final ConfirmationTracker tracker;
    private final Predicate<PendingTransaction> broadcast;
    private final Holds holds;
    private final Executor checks;
    private final InstantSource clock;
    private final Consumer<PaymentEvent> listener;
    private final PaymentLedger ledger;
    private final Object lock = new Object();

    /// @param self this node: what it asked for it broadcasts at once
    /// @param broadcast hands a transaction to the Bitcoin peers; false if that is not possible now
    /// @param holds told what is final
    /// @param checks runs the script interpreter
    /// @param listener called on the thread on which something happened, one payment's events in
    ///   their order
    public PaymentProcessor(
            GroupWallet wallet,
            Bytes self,
            UtxoStore coins,
            ConfirmationTracker tracker,
            Predicate<PendingTransaction> broadcast,
            Holds holds,
            Executor checks,
            InstantSource clock,
            Consumer<PaymentEvent> listener) {
        this(
                wallet,
                self,
                coins,
                tracker,
                broadcast,
                holds,
                checks,
                clock,
                listener,
                new PaymentLedger(MAX_OPEN, MAX_HISTORY));
    }

    PaymentProcessor(
            GroupWallet wallet,
            Bytes self,
            UtxoStore coins,
            ConfirmationTracker tracker,
            Predicate<PendingTransaction> broadcast,
            Holds holds,
            Executor checks,
            InstantSource clock,
            Consumer<PaymentEvent> listener,
            PaymentLedger ledger) {
        this.wallet = wallet;
        this.self = self;
        this.coins = coins;
        this.tracker = tracker;
        this.broadcast = broadcast;
        this.holds = holds;
        this.checks = checks;
        this.clock = clock;
        this.listener = listener;
        this.ledger = ledger;
    }

    /// Whether another payment may be approved: what may be signed must be remembered.
    public boolean hasRoom() {
        synchronized (lock) {
            return ledger.hasRoom();
        }
    }

    // --- what the signing service tells

    /// This node is ready to sign, or goes on with a session from before a restart.
    public void reserved(SigningRequest request) {
        change(request, origin -> ledger.reserved(origin, request.expires()));
    }

    /// This node's partial signatures are about to leave.
    public void committed(SigningRequest request) {
        change(request, ledger::committed);
    }

    /// The session ended, and no partial signature of this node's left.
    public void released(SigningRequest request) {
        change(request, origin -> ledger.released(origin.session()));
    }

    /// The session is over, but the partial signatures are out.
    public void unknown(SigningRequest request) {
        change(request, ledger::unknown);
    }

    /// All signatures of a request are here, perhaps once more after a restart, perhaps long after
    /// the request has expired.
    ///
    /// @param at when the last one came
    public void signed(SigningRequest request, List<SchnorrSignature> signatures, Instant at) {
        change(
                request,
                origin -> {
                    int inputs = origin.unsigned().inputs().size();
                    // Were there not one for each input of each rung, the check would say so.
                    List<SchnorrSignature> own =
                            signatures.subList(
                                    Math.min((origin.rung() - 1) * inputs, signatures.size()),
                                    origin.rung() == origin.rungs()
                                            ? signatures.size()
                                            : Math.min(origin.rung() * inputs, signatures.size()));
                    ledger.signed(
                            origin,
                            new PaymentLedger.Unchecked(origin, own, at),
                            withSignatures(origin.unsigned(), own),
                            clock.instant());
                });
        checks.execute(this::checkWaiting);
    }

    /// The hold of a payment is settled.
    public void settled(SessionId session) {
        synchronized (lock) {
            ledger.settled(session);
            afterChange();
        }
    }

    private void change(SigningRequest request, Consumer<Origin> change) {
        List<Origin> origins = origins(request);
        if (!origins.isEmpty()) {
            synchronized (lock) {
                origins.forEach(change);
                afterChange();
            }
        }
    }

    /// Under the lock.
    private void afterChange() {
        ledger.note(clock.instant());
        ledger.takeForgotten().forEach(tracker::forget);
        lock.notifyAll();
    }

    /// One for each rung. Only what was a payment gets approved, and only what is approved gets
    /// signed.
    private List<Origin> origins(SigningRequest request) {
        List<Transaction> rungs = FeeLadder.of(request, wallet::owns);
        List<Origin> origins = new ArrayList<>();
        for (Transaction unsigned : rungs) {
            origins.add(
                    new Origin(
                            request.sessionId(),
                            request.requesterId(),
                            request.created(),
                            request.idempotencyKey(),
                            PaymentHold.of(unsigned, wallet::owns).content(),
                            unsigned,
                            origins.size() + 1,
                            rungs.size()));
        }
        return origins;
    }

    GroupWallet wallet() {
        return wallet;
    }

    private static Transaction withSignatures(
            Transaction transaction, List<SchnorrSignature> signatures) {
        Transaction complete = transaction;
        // Were there not one for each input, the check would say so.
        int count = Math.min(signatures.size(), transaction.inputs().size());
        for (int i = 0; i < count; i++) {
            // BIP341: 64 bytes without a hash type byte mean SIGHASH_DEFAULT.
            complete = complete.withWitness(i, List.of(signatures.get(i).bytes()));
        }
        return complete;
    }

    // --- what follows from it, and from the chain

    /// Looks at the chain again: which payments it has, which it can no longer have, and which
    /// signatures can be checked because their coins are there by now, spent or not. To be called
    /// when the chain has grown.
    ///
    /// @param tipTime of the last block, by itself
    public void lookAtChain(Instant tipTime) {
        Map<SessionId, PaymentOutcome> settle;
        synchronized (lock) {
            settle = ledger.look(coins::find, coins.tipHeight());
            ledger.climb(coins.tipHeight(), tipTime, clock.instant());
            afterChange();
        }
        settle.forEach((session, outcome) -> holds.settle(session, outcome.encode()));
        checkWaiting();
    }

    private void checkWaiting() {
        List<PaymentLedger.Unchecked> waiting;
        synchronized (lock) {
            waiting = ledger.unchecked();
        }
        for (PaymentLedger.Unchecked signed : waiting) {
            Optional<UnsignedPayment> payment = withCoins(signed.unsigned());
            if (payment.isPresent() && take(signed)) {
                checks.execute(() -> check(signed, payment.get()));
            }
        }
    }

    /// Whether it still waited: two threads may look at once.
    private boolean take(PaymentLedger.Unchecked signed) {
        synchronized (lock) {
            return ledger.take(signed);
        }
    }

    private void check(PaymentLedger.Unchecked signed, UnsignedPayment payment) {
        SessionId session = signed.session();
        listener.accept(
                new PaymentEvent.Signed(
                        signed.at(),
                        session,
                        payment,
                        signed.signatures(),
                        withSignatures(payment.transaction(), signed.signatures())));
        try {
            Transaction complete = PaymentCompletion.complete(payment, signed.signatures());
            PaymentState state = checked(signed.origin(), true);
            listener.accept(new PaymentEvent.Checked(session, complete));
            // After a restart it may be in a block already, and later versions are told, too.
            if (signed.origin().requester().equals(self)
                    && state == PaymentState.SIGNED
                    && isNext(signed.origin())) {
                send(complete);
            }
        } catch (PaymentException e) {
            checked(signed.origin(), false);
            listener.accept(
                    new PaymentEvent.CheckFailed(
                            session, payment.transaction().txid(), String.valueOf(e.getMessage())));
        }
    }

    private boolean isNext(Origin origin) {
        synchronized (lock) {
            return ledger.isNext(origin);
        }
    }

    private PaymentState checked(Origin origin, boolean valid) {
        synchronized (lock) {
            PaymentState state = ledger.checked(origin, valid);
            afterChange();
            return state;
        }
    }

    private void send(Transaction transaction) {
        PendingTransaction pending =
                new PendingTransaction(transaction, fee(transaction), Set.of());
        if (!broadcast.test(pending)) {
            listener.accept(new PaymentEvent.BroadcastRefused(transaction.txid(), NOT_ACCEPTED));
        }
    }

    /// The payment of a request, with the coins as this node's chain has them, spent or not; of a
    /// ladder the first rung.
    ///
    /// @return nothing if it is not a payment, or this node's chain does not have all the coins
    public Optional<UnsignedPayment> read(SigningRequest request) {
        return FeeLadder.of(request, wallet::owns).stream().findFirst().flatMap(this::withCoins);
    }

    private Optional<UnsignedPayment> withCoins(Transaction transaction) {
        List<Utxo> spent = new ArrayList<>();
        for (TxIn input : transaction.inputs()) {
            Optional<UtxoState> coin = coins.find(input.outPoint());
            if (coin.isEmpty()) {
                return Optional.empty();
            }
            spent.add(coin.get().utxo());
        }
        return Optional.of(new UnsignedPayment(transaction, spent));
    }

    /// The light client says what became known of a transaction. What the chain says of it comes
    /// with [#lookAtChain], and with its Merkle branch.
    public void broadcasted(BroadcastEvent event) {
        Txid txid = event.txid();
        switch (event) {
            case BroadcastEvent.Requested(var _, String peer, Reach _) -> {
                sent(txid);
                listener.accept(new PaymentEvent.Broadcast(txid, peer));
            }
            case BroadcastEvent.Accepted(var _, String peer, Reach _) -> {
                sent(txid);
                listener.accept(new PaymentEvent.BroadcastAccepted(txid, peer));
            }
            case BroadcastEvent.Seen(var _, String peer, Reach reach) -> {
                synchronized (lock) {
                    ledger.seen(txid, reach.seen());
                }
                sent(txid);
                listener.accept(new PaymentEvent.BroadcastSeen(txid, peer, reach.seen()));
            }
            case BroadcastEvent.Unseen(var _, int _, Reach reach) ->
                    listener.accept(new PaymentEvent.BroadcastUnseen(txid, reach.announced()));
            case BroadcastEvent.Dropped(var _, String peer) ->
                    listener.accept(new PaymentEvent.BroadcastDropped(txid, peer));
            case BroadcastEvent.Refused(var _, String peer, int _, String reason) ->
                    refused(txid, peer + ": " + reason);
            case BroadcastEvent.BelowFeeFilter(var _, String peer, long satPerKvb) ->
                    refused(txid, peer + ": wants at least " + satPerKvb + " sat/kvB");
            case BroadcastEvent.NotTaken(var _, var _, String detail) -> refused(txid, detail);
            case BroadcastEvent.NotSaved(var _, String reason) -> refused(txid, reason);
            case BroadcastEvent.Announced _,
                    BroadcastEvent.HeldBack _,
                    BroadcastEvent.Displaced _,
                    BroadcastEvent.Confirmed _,
                    BroadcastEvent.Conflicted _,
                    BroadcastEvent.Reopened _ -> {
                // Nothing about what peers did; and what is displaced is handed over again.
            }
        }
    }

    private void sent(Txid txid) {
        synchronized (lock) {
            ledger.sent(txid);
            afterChange();
        }
    }

    private void refused(Txid txid, String reason) {
        listener.accept(new PaymentEvent.BroadcastRefused(txid, reason));
    }

    /// A payment of the group's is in a block.
    public void confirmed(Confirmation confirmation) {
        synchronized (lock) {
            ledger.confirmed(confirmation);
            afterChange();
        }
        listener.accept(
                new PaymentEvent.Confirmed(confirmation, confirmation.depth(coins.tipHeight())));
    }

    /// The block of a confirmed payment left the chain.
    public void unconfirmed(Confirmation confirmation) {
        synchronized (lock) {
            ledger.unconfirmed(confirmation.txid());
            afterChange();
        }
        listener.accept(new PaymentEvent.Unconfirmed(confirmation));
    }

    /// Broadcasts every payment that should be in a block by now, whoever requested it and however
    /// long ago. To be called every second or so.
    public void rebroadcast() {
        List<Transaction> overdue;
        synchronized (lock) {
            overdue = ledger.takeOverdue(clock.instant());
            afterChange();
        }
        overdue.forEach(this::send);
    }

    /// The most that an earlier version of the same payment takes from the group, fee included,
    /// whose partial signatures left; zero if there is none, or if not each of them would be made
    /// impossible by the new one.
    ///
    /// @param request of the new one
    public Sat countedBefore(SigningRequest request, Transaction unsigned) {
        Optional<Origin> asked = origins(request).stream().findFirst();
        Set<OutPoint> coinsOfNew =
                unsigned.inputs().stream().map(TxIn::outPoint).collect(Collectors.toSet());
        Sat most = Sat.ZERO;
        for (TrackedPayment known : payments()) {
            Optional<Origin> version =
                    known.origin()
                            .filter(other -> asked.filter(other::isVersionOf).isPresent())
                            .filter(other -> !other.session().equals(request.sessionId()))
                            .filter(_ -> mayBeSigned(known.state()));
            if (version.isEmpty()) {
                continue;
            }
            if (Collections.disjoint(version.get().coins(), coinsOfNew)) {
                return Sat.ZERO;
            }
            Sat outflow =
                    withCoins(version.get().unsigned())
                            .map(payment -> SpendPolicy.outflow(payment, wallet::owns))
                            .orElse(Sat.ZERO);
            most = most.isLessThan(outflow) ? outflow : most;
        }
        return most;
    }

    /// Whether a transaction is a payment that this node remembers.
    public boolean knows(Txid txid) {
        return payments().stream().anyMatch(payment -> payment.txid().equals(txid));
    }

    private static boolean mayBeSigned(PaymentState state) {
        return switch (state) {
            case PROPOSED, GIVEN_UP -> false;
            case SIGNING, UNKNOWN, SIGNED, SENT, SEEN, CONFIRMED, CONFLICTED, REPLACED, FAILED ->
                    true;
        };
    }

    /// Oldest first.
    public List<TrackedPayment> payments() {
        synchronized (lock) {
            return ledger.all();
        }
    }

    /// What a payment leaves to the miner, if this node's chain has its coins.
    public Optional<Sat> fee(Transaction unsigned) {
        return withCoins(unsigned).map(UnsignedPayment::fee);
    }

    /// What a payment pays to others.
    public List<TxOut> foreign(Transaction unsigned) {
        return PaymentHold.foreign(unsigned, wallet::owns);
    }

    /// Waits until the session of a payment is over on this node, at most so long.
    ///
    /// @return the payment as it is then
    public Optional<TrackedPayment> awaitEnd(SessionId session, Duration timeout)
            throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        synchronized (lock) {
            while (true) {
                Optional<TrackedPayment> now = ledger.find(session);
                long left = end - System.nanoTime();
                if (left <= 0 || now.filter(payment -> payment.state().isRunning()).isEmpty()) {
                    return now;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }
}
