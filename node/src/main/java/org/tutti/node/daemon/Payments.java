package org.tutti.node.daemon;

import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.Hash256;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bytes.Bytes;
import org.tutti.coordinator.request.SigningRequest;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.PaymentCompletion;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;
import org.tutti.wallet.wallet.Coin;
import org.tutti.wallet.wallet.CoinState;
import org.tutti.wallet.wallet.CoinStore;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The payments that this node helped to sign, from the signatures to the block.
///
/// Every node completes and checks each one; the requester sends it, and any other node does when
/// it has not seen it in a block for a while.
///
/// Threads: the coordinator's events and the light client's come on one thread each; completing
/// runs on a virtual thread of its own, because the interpreter takes long the first time. The lock
/// guards `known`; nothing blocks under it.
final class Payments {
    /// Most payments remembered; the oldest are forgotten first.
    static final int MAX_KNOWN = 1_000;

    /// How long the requester's broadcast is waited for.
    private static final Duration HELP_AFTER = Duration.ofSeconds(10);

    /// How far a payment is.
    enum State {
        SIGNED,
        CHECKED,
        CONFIRMED,
        FAILED
    }

    /// @param transaction with its signatures
    /// @param helpAt when this node sends it if it is not in a block
    record Known(
            Transaction transaction,
            State state,
            Instant helpAt,
            Optional<Confirmation> confirmation) {
        Known with(State next, Optional<Confirmation> where) {
            return new Known(transaction, next, helpAt, where);
        }
    }

    private final CoinStore coins;
    private final ConfirmationTracker tracker;
    private final Predicate<Transaction> broadcast;
    private final EventSink events;
    private final InstantSource clock;
    private final Map<Hash256, Known> known = new LinkedHashMap<>();

    /// @param broadcast hands a transaction to the Bitcoin peers; false if that is not possible now
    Payments(
            CoinStore coins,
            ConfirmationTracker tracker,
            Predicate<Transaction> broadcast,
            EventSink events,
            InstantSource clock) {
        this.coins = coins;
        this.tracker = tracker;
        this.broadcast = broadcast;
        this.events = events;
        this.clock = clock;
    }

    /// All signatures of a request are here.
    ///
    /// @param own whether this node asked for them
    void signed(
            Instant at, SigningRequest request, List<SchnorrSignature> signatures, boolean own) {
        Optional<UnsignedPayment> payment = read(request.context());
        if (payment.isEmpty()) {
            return;
        }
        Transaction signed = payment.get().transaction();
        for (int i = 0; i < signatures.size(); i++) {
            signed = signed.withWitness(i, List.of(signatures.get(i).bytes()));
        }
        Hash256 txid = signed.txid();
        tracker.track(txid);
        Known entry =
                new Known(signed, State.SIGNED, clock.instant().plus(HELP_AFTER), Optional.empty());
        put(txid, entry);
        events.emit(at, signedEvent(request, payment.get(), signed, signatures));
        Thread.ofVirtual()
                .name("check-" + txid)
                .start(() -> check(request, payment.get(), signatures, own));
    }

    private void check(
            SigningRequest request,
            UnsignedPayment payment,
            List<SchnorrSignature> signatures,
            boolean own) {
        String session = request.sessionId().toString();
        String txid = payment.transaction().txid().toString();
        try {
            Transaction complete = PaymentCompletion.complete(payment, signatures);
            advance(complete.txid(), State.CHECKED);
            events.emit(new NodeEvent.Checked(session, txid, complete.inputs().size()));
            if (own && !broadcast.test(complete)) {
                events.emit(new NodeEvent.BroadcastRefused(txid, "too many transactions wait"));
            }
        } catch (PaymentException e) {
            advance(payment.transaction().txid(), State.FAILED);
            events.emit(new NodeEvent.CheckFailed(session, txid, String.valueOf(e.getMessage())));
        }
    }

    private NodeEvent signedEvent(
            SigningRequest request,
            UnsignedPayment payment,
            Transaction signed,
            List<SchnorrSignature> signatures) {
        List<NodeEvent.Prevout> prevouts =
                payment.coins().stream()
                        .map(coin ->
                                new NodeEvent.Prevout(
                                        coin.outPoint().txid().toString(),
                                        coin.outPoint().vout(),
                                        coin.value().value(),
                                        coin.output().scriptPubKey().toHex()))
                        .toList();
        List<Bytes> sighashes = payment.sighashes();
        List<NodeEvent.SignedInput> inputs = new ArrayList<>();
        for (int i = 0; i < sighashes.size(); i++) {
            inputs.add(
                    new NodeEvent.SignedInput(
                            sighashes.get(i).toHex(), signatures.get(i).bytes().toHex()));
        }
        return new NodeEvent.Signed(
                request.sessionId().toString(),
                signed.txid().toString(),
                signed.serialize().toHex(),
                prevouts,
                inputs);
    }

    /// The payment with the coins as this node's chain has them, spent meanwhile or not.
    Optional<UnsignedPayment> read(Bytes context) {
        try {
            Transaction transaction = Transaction.parseWithoutWitness(context);
            List<Coin> spent = new ArrayList<>();
            for (TxIn input : transaction.inputs()) {
                Optional<CoinState> coin = coins.find(input.outPoint());
                if (coin.isEmpty()) {
                    return Optional.empty();
                }
                spent.add(coin.get().coin());
            }
            return Optional.of(new UnsignedPayment(transaction, spent));
        } catch (DecodeException e) {
            return Optional.empty();
        }
    }

    /// A followed transaction is in a block.
    void confirmed(Confirmation confirmation) {
        synchronized (known) {
            known.computeIfPresent(
                    confirmation.txid(),
                    (_, entry) -> entry.with(State.CONFIRMED, Optional.of(confirmation)));
        }
        int depth = confirmation.depth(coins.tipHeight());
        events.emit(
                new NodeEvent.Confirmed(
                        confirmation.txid().toString(),
                        confirmation.height(),
                        confirmation.blockHash().toString(),
                        confirmation.proof().branch().stream().map(Hash256::toString).toList(),
                        confirmation.proof().index(),
                        depth));
    }

    /// The block of a followed transaction left the chain.
    void unconfirmed(Confirmation confirmation) {
        synchronized (known) {
            known.computeIfPresent(
                    confirmation.txid(), (_, entry) -> entry.with(State.CHECKED, Optional.empty()));
        }
        events.emit(
                new NodeEvent.Unconfirmed(
                        confirmation.txid().toString(),
                        confirmation.height(),
                        confirmation.blockHash().toString()));
    }

    /// Sends what is still in no block although its requester had time enough.
    void help() {
        Instant now = clock.instant();
        List<Transaction> late = new ArrayList<>();
        synchronized (known) {
            known.replaceAll((_, entry) -> {
                if (entry.state() != State.CHECKED || entry.helpAt().isAfter(now)) {
                    return entry;
                }
                late.add(entry.transaction());
                return new Known(
                        entry.transaction(),
                        entry.state(),
                        now.plus(HELP_AFTER.multipliedBy(6)),
                        entry.confirmation());
            });
        }
        for (Transaction transaction : late) {
            if (!broadcast.test(transaction)) {
                events.emit(
                        new NodeEvent.BroadcastRefused(
                                transaction.txid().toString(), "too many transactions wait"));
            }
        }
    }

    /// Oldest first.
    List<Known> all() {
        synchronized (known) {
            return List.copyOf(known.values());
        }
    }

    private void put(Hash256 txid, Known entry) {
        synchronized (known) {
            if (known.size() >= MAX_KNOWN && !known.containsKey(txid)) {
                Hash256 oldest = known.keySet().iterator().next();
                known.remove(oldest);
                tracker.forget(oldest);
            }
            known.putIfAbsent(txid, entry);
        }
    }

    private void advance(Hash256 txid, State state) {
        synchronized (known) {
            known.computeIfPresent(
                    txid,
                    (_, entry) ->
                            entry.state() == State.SIGNED
                                    ? entry.with(state, entry.confirmation())
                                    : entry);
        }
    }
}
