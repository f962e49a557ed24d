package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
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

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The group's payments, from the signatures to the block.
///
/// Every node completes and checks each one; the requester sends it, and any other node does when
/// it has not seen it in a block for a while. A node that was restarted is told its signatures
/// before it knows the chain again: they wait until it has the coins. What such a node finds spent
/// in a block it reports, too, whether or not it ever had the signatures.
///
/// Threads: the signing service's events and the light client's come on one thread each, [#help] on
/// a third; completing runs on a virtual thread of its own, because the interpreter takes long the
/// first time. The lock guards `known` and `waiting`; nothing blocks under it.
final class Payments {
    /// Most payments remembered; the oldest are forgotten first.
    static final int MAX_KNOWN = 1_000;

    /// Most signed requests that wait for their coins; the oldest are forgotten first.
    static final int MAX_WAITING = 1_000;

    /// How long the requester's broadcast is waited for.
    private static final Duration HELP_AFTER = Duration.ofSeconds(10);

    /// How far a payment is.
    enum State {
        SIGNED,
        CHECKED,
        CONFIRMED,
        FAILED
    }

    /// @param transaction with its signatures, if this node ever had them
    /// @param helpAt when this node sends it if it is not in a block
    record Known(
            Txid txid,
            Optional<Transaction> transaction,
            State state,
            Instant helpAt,
            Optional<Confirmation> confirmation) {
        Known with(State next, Optional<Confirmation> where) {
            return new Known(txid, transaction, next, helpAt, where);
        }
    }

    /// A request with all its signatures.
    private record Signed(
            Instant at, SigningRequest request, List<SchnorrSignature> signatures, boolean own) {}

    private final UtxoStore coins;
    private final ConfirmationTracker tracker;
    private final Predicate<Transaction> broadcast;
    private final EventSink events;
    private final InstantSource clock;
    private final Map<Txid, Known> known = new LinkedHashMap<>();
    private final LinkedHashMap<SessionId, Signed> waiting = new LinkedHashMap<>();

    /// @param broadcast hands a transaction to the Bitcoin peers; false if that is not possible now
    Payments(
            UtxoStore coins,
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

    /// All signatures of a request are here, perhaps once more after a restart.
    ///
    /// @param own whether this node asked for them
    void signed(
            Instant at, SigningRequest request, List<SchnorrSignature> signatures, boolean own) {
        Optional<Transaction> complete = complete(request.context(), signatures);
        if (complete.isEmpty()) {
            return;
        }
        Txid txid = complete.get().txid();
        tracker.track(txid);
        put(txid, complete.get());
        Signed signed = new Signed(at, request, signatures, own);
        synchronized (known) {
            if (waiting.size() >= MAX_WAITING) {
                waiting.pollFirstEntry();
            }
            waiting.putLast(request.sessionId(), signed);
        }
        checkWhatCanBe();
    }

    private static Optional<Transaction> complete(
            Bytes context, List<SchnorrSignature> signatures) {
        try {
            Transaction complete = Transaction.parseWithoutWitness(context);
            for (int i = 0; i < signatures.size(); i++) {
                // BIP341: 64 bytes without a hash type byte mean SIGHASH_DEFAULT.
                complete = complete.withWitness(i, List.of(signatures.get(i).bytes()));
            }
            return Optional.of(complete);
        } catch (DecodeException e) {
            // Only what was a transaction gets approved, and only what is approved gets signed.
            return Optional.empty();
        }
    }

    /// Takes up every signed payment whose coins this node's chain has, spent meanwhile or not.
    void checkWhatCanBe() {
        List<Signed> waited;
        synchronized (known) {
            waited = List.copyOf(waiting.values());
        }
        for (Signed signed : waited) {
            Optional<UnsignedPayment> payment = read(signed.request().context());
            if (payment.isPresent() && take(signed)) {
                events.emit(signed.at(), signedEvent(signed, payment.get()));
                Thread.ofVirtual()
                        .name("check-" + signed.request().sessionId().brief())
                        .start(() -> check(signed, payment.get()));
            }
        }
    }

    /// Whether it still waited: two threads may look at once.
    private boolean take(Signed signed) {
        synchronized (known) {
            return waiting.remove(signed.request().sessionId(), signed);
        }
    }

    private void check(Signed signed, UnsignedPayment payment) {
        String session = signed.request().sessionId().toString();
        Txid txid = payment.transaction().txid();
        try {
            Transaction complete = PaymentCompletion.complete(payment, signed.signatures());
            State state = advance(txid, State.CHECKED);
            events.emit(new NodeEvent.Checked(session, txid.toString(), complete.inputs().size()));
            // After a restart it may be in a block already.
            if (signed.own() && state == State.CHECKED && !broadcast.test(complete)) {
                events.emit(
                        new NodeEvent.BroadcastRefused(
                                txid.toString(), "too many transactions wait"));
            }
        } catch (PaymentException e) {
            advance(txid, State.FAILED);
            events.emit(
                    new NodeEvent.CheckFailed(
                            session, txid.toString(), String.valueOf(e.getMessage())));
        }
    }

    private static NodeEvent signedEvent(Signed signed, UnsignedPayment payment) {
        List<NodeEvent.Prevout> prevouts =
                payment.utxos().stream()
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
                            sighashes.get(i).toHex(), signed.signatures().get(i).bytes().toHex()));
        }
        Transaction complete = payment.transaction();
        for (int i = 0; i < inputs.size(); i++) {
            complete = complete.withWitness(i, List.of(signed.signatures().get(i).bytes()));
        }
        return new NodeEvent.Signed(
                signed.request().sessionId().toString(),
                complete.txid().toString(),
                complete.serialize().toHex(),
                prevouts,
                inputs);
    }

    /// The payment with the coins as this node's chain has them, spent meanwhile or not.
    Optional<UnsignedPayment> read(Bytes context) {
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

    /// A payment of the group's is in a block.
    void confirmed(Confirmation confirmation) {
        put(confirmation.txid(), null);
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
                        confirmation.proof().branch().stream().map(MerkleNode::toString).toList(),
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
                entry.transaction().ifPresent(late::add);
                return new Known(
                        entry.txid(),
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

    /// Adds a payment, or what was not known of it.
    private void put(Txid txid, @Nullable Transaction transaction) {
        synchronized (known) {
            Known before = known.get(txid);
            if (before != null) {
                if (transaction != null && before.transaction().isEmpty()) {
                    known.put(
                            txid,
                            new Known(
                                    txid,
                                    Optional.of(transaction),
                                    before.state(),
                                    before.helpAt(),
                                    before.confirmation()));
                }
                return;
            }
            if (known.size() >= MAX_KNOWN) {
                Txid oldest = leastNeeded();
                known.remove(oldest);
                tracker.forget(oldest);
            }
            known.put(
                    txid,
                    new Known(
                            txid,
                            Optional.ofNullable(transaction),
                            State.SIGNED,
                            clock.instant().plus(HELP_AFTER),
                            Optional.empty()));
        }
    }

    /// The oldest that needs no more help, or else the oldest of all.
    private Txid leastNeeded() {
        return known.values().stream()
                .filter(entry -> entry.state() == State.CONFIRMED || entry.state() == State.FAILED)
                .findFirst()
                .orElseGet(() -> known.values().iterator().next())
                .txid();
    }

    /// @return the state afterwards
    private State advance(Txid txid, State state) {
        synchronized (known) {
            Known entry =
                    known.computeIfPresent(
                            txid,
                            (_, before) ->
                                    before.state() == State.SIGNED
                                            ? before.with(state, before.confirmation())
                                            : before);
            return entry == null ? state : entry.state();
        }
    }
}
