package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.PaymentCompletion;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The group's payments, from the signatures to the block.
///
/// Every node completes and checks each payment; the requester broadcasts it, and any other node
/// does when it has not seen it in a block for a while. A node that was restarted is told its
/// signatures before it knows the chain again: they wait until it has the coins. What such a node
/// finds spent in a block it reports too, whether or not it ever had the signatures.
///
/// Threads: any may call any method; in a node the signing service's events, the light client's and
/// the rebroadcasts come on one thread each. Checks run on the executor, because the interpreter
/// takes long the first time. The lock guards `ledger` and `waiting`; under it nothing blocks, and
/// the listener is told outside it.
public final class PaymentProcessor {
    /// Most payments remembered; the oldest are forgotten first.
    public static final int MAX_PAYMENTS = 1_000;

    /// Most signed requests that wait for their coins; the oldest are forgotten first.
    public static final int MAX_WAITING = 1_000;

    private static final String NOT_ACCEPTED = "too many transactions are being broadcast";

    /// A request with all its signatures.
    private record Signed(
            Instant at, SigningRequest request, List<SchnorrSignature> signatures, boolean own) {}

    private final UtxoStore coins;
    private final ConfirmationTracker tracker;
    private final Predicate<Transaction> broadcast;
    private final Executor checks;
    private final InstantSource clock;
    private final Consumer<PaymentEvent> listener;
    private final int maxWaiting;
    private final PaymentLedger ledger;
    private final LinkedHashMap<SessionId, Signed> waiting = new LinkedHashMap<>();
    private final Object lock = new Object();

    /// @param broadcast hands a transaction to the Bitcoin peers; false if that is not possible now
    /// @param checks runs the script interpreter
    /// @param listener called on the thread on which something happened, one payment's events in
    ///   their order
    public PaymentProcessor(
            UtxoStore coins,
            ConfirmationTracker tracker,
            Predicate<Transaction> broadcast,
            Executor checks,
            InstantSource clock,
            Consumer<PaymentEvent> listener) {
        this(coins, tracker, broadcast, checks, clock, listener, MAX_PAYMENTS, MAX_WAITING);
    }

    PaymentProcessor(
            UtxoStore coins,
            ConfirmationTracker tracker,
            Predicate<Transaction> broadcast,
            Executor checks,
            InstantSource clock,
            Consumer<PaymentEvent> listener,
            int maxPayments,
            int maxWaiting) {
        this.coins = coins;
        this.tracker = tracker;
        this.broadcast = broadcast;
        this.checks = checks;
        this.clock = clock;
        this.listener = listener;
        this.maxWaiting = maxWaiting;
        this.ledger = new PaymentLedger(maxPayments);
    }

    /// All signatures of a request are here, perhaps once more after a restart.
    ///
    /// @param at when the last one came
    /// @param own whether this node asked for them
    public void signed(
            Instant at, SigningRequest request, List<SchnorrSignature> signatures, boolean own) {
        Optional<Transaction> complete = complete(request.context(), signatures);
        if (complete.isEmpty()) {
            return;
        }
        Txid txid = complete.get().txid();
        tracker.track(txid);
        add(txid, complete);
        Signed signed = new Signed(at, request, List.copyOf(signatures), own);
        synchronized (lock) {
            if (waiting.size() >= maxWaiting) {
                waiting.pollFirstEntry();
            }
            waiting.putLast(request.sessionId(), signed);
        }
        checkWaiting();
    }

    private static Optional<Transaction> complete(
            Bytes context, List<SchnorrSignature> signatures) {
        try {
            return Optional.of(
                    withSignatures(Transaction.parseWithoutWitness(context), signatures));
        } catch (DecodeException e) {
            // Only what was a transaction gets approved, and only what is approved gets signed.
            return Optional.empty();
        }
    }

    private static Transaction withSignatures(
            Transaction transaction, List<SchnorrSignature> signatures) {
        Transaction complete = transaction;
        for (int i = 0; i < signatures.size(); i++) {
            // BIP341: 64 bytes without a hash type byte mean SIGHASH_DEFAULT.
            complete = complete.withWitness(i, List.of(signatures.get(i).bytes()));
        }
        return complete;
    }

    /// Checks every signed payment whose coins this node's chain has by now, spent or not. To be
    /// called when the chain has grown.
    public void checkWaiting() {
        List<Signed> waited;
        synchronized (lock) {
            waited = List.copyOf(waiting.values());
        }
        for (Signed signed : waited) {
            Optional<UnsignedPayment> payment = read(signed.request().context());
            if (payment.isPresent() && take(signed)) {
                listener.accept(
                        new PaymentEvent.Signed(
                                signed.at(),
                                signed.request().sessionId(),
                                payment.get(),
                                signed.signatures(),
                                withSignatures(payment.get().transaction(), signed.signatures())));
                checks.execute(() -> check(signed, payment.get()));
            }
        }
    }

    /// Whether it still waited: two threads may look at once.
    private boolean take(Signed signed) {
        synchronized (lock) {
            return waiting.remove(signed.request().sessionId(), signed);
        }
    }

    private void check(Signed signed, UnsignedPayment payment) {
        SessionId session = signed.request().sessionId();
        Txid txid = payment.transaction().txid();
        try {
            Transaction complete = PaymentCompletion.complete(payment, signed.signatures());
            PaymentState state = checked(txid, PaymentState.CHECKED);
            listener.accept(new PaymentEvent.Checked(session, complete));
            // After a restart it may be in a block already.
            if (signed.own() && state == PaymentState.CHECKED) {
                send(complete);
            }
        } catch (PaymentException e) {
            checked(txid, PaymentState.FAILED);
            listener.accept(
                    new PaymentEvent.CheckFailed(session, txid, String.valueOf(e.getMessage())));
        }
    }

    private PaymentState checked(Txid txid, PaymentState verdict) {
        synchronized (lock) {
            return ledger.checked(txid, verdict);
        }
    }

    private void send(Transaction transaction) {
        if (!broadcast.test(transaction)) {
            listener.accept(new PaymentEvent.BroadcastRefused(transaction.txid(), NOT_ACCEPTED));
        }
    }

    /// The payment of a request, with the coins as this node's chain has them, spent or not.
    ///
    /// @param context the request's
    /// @return nothing if it is not a transaction, or this node's chain does not have all the coins
    public Optional<UnsignedPayment> read(Bytes context) {
        try {
            Transaction transaction = Transaction.parseWithoutWitness(context);
            List<Utxo> spent = new ArrayList<>();
            for (TxIn input : transaction.inputs()) {
                Optional<UtxoState> coin = coins.find(input.outPoint());
                if (coin.isEmpty()) {
                    return Optional.empty();
                }
                spent.add(coin.get().utxo());
            }
            return Optional.of(new UnsignedPayment(transaction, spent));
        } catch (DecodeException e) {
            return Optional.empty();
        }
    }

    /// The light client says what became of a transaction.
    public void broadcasted(BroadcastResult result) {
        switch (result) {
            case BroadcastResult.Accepted accepted ->
                    listener.accept(new PaymentEvent.Broadcast(accepted.txid(), accepted.peer()));
            case BroadcastResult.Refused refused ->
                    listener.accept(
                            new PaymentEvent.BroadcastRefused(
                                    refused.txid(), refused.peer() + ": " + refused.reason()));
            case BroadcastResult.GivenUp givenUp ->
                    listener.accept(
                            new PaymentEvent.BroadcastRefused(
                                    givenUp.txid(), "announced for a long time without success"));
            case BroadcastResult.Mined _ -> {
                // The chain reports the confirmation, with its Merkle branch.
            }
        }
    }

    /// A payment of the group's is in a block.
    public void confirmed(Confirmation confirmation) {
        add(confirmation.txid(), Optional.empty());
        synchronized (lock) {
            ledger.confirmed(confirmation);
        }
        listener.accept(
                new PaymentEvent.Confirmed(confirmation, confirmation.depth(coins.tipHeight())));
    }

    /// The block of a confirmed payment left the chain.
    public void unconfirmed(Confirmation confirmation) {
        synchronized (lock) {
            ledger.unconfirmed(confirmation.txid());
        }
        listener.accept(new PaymentEvent.Unconfirmed(confirmation));
    }

    /// Broadcasts every payment that should be in a block by now, whoever requested it. To be
    /// called every second or so.
    public void rebroadcast() {
        List<Transaction> overdue;
        synchronized (lock) {
            overdue = ledger.takeOverdue(clock.instant());
        }
        overdue.forEach(this::send);
    }

    /// Oldest first.
    public List<TrackedPayment> payments() {
        synchronized (lock) {
            return ledger.all();
        }
    }

    private void add(Txid txid, Optional<Transaction> transaction) {
        synchronized (lock) {
            ledger.add(txid, transaction, clock.instant()).ifPresent(tracker::forget);
        }
    }
}
