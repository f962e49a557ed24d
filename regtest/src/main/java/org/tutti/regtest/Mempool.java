package org.tutti.regtest;

import static java.util.Objects.requireNonNull;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bitcoin.units.Weight;
import org.tutti.lightclient.wire.RejectCode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Transactions that wait for a block, in the order in which they came.
///
/// A transaction may spend outputs of others that wait here. It replaces others that it conflicts
/// with, and all that spend their outputs, if it pays for them (Bitcoin Core with full RBF). None
/// may be below 1 sat/vB, dust is allowed. Not thread-safe: [RegtestNode] guards it.
final class Mempool {
    /// Most transactions that wait.
    static final int MAX_TRANSACTIONS = 5_000;

    /// Most transactions that one replaces (`MAX_REPLACEMENT_CANDIDATES`).
    private static final int MAX_REPLACED = 100;

    /// Smallest size without witness that nodes relay (`MIN_STANDARD_TX_NONWITNESS_SIZE`): above
    /// the 64 bytes of an inner node of the Merkle tree.
    static final int MIN_BYTES = 65;

    /// @param fee what its inputs are worth above its outputs
    record Waiting(Transaction transaction, Sat fee) {}

    private final Chain chain;
    private final int maxTransactions;
    private final Map<Txid, Waiting> waiting = new LinkedHashMap<>();
    private final Map<OutPoint, Txid> spenders = new HashMap<>();
    private final Map<Wtxid, Txid> byWtxid = new HashMap<>();

    Mempool(Chain chain) {
        this(chain, MAX_TRANSACTIONS);
    }

    Mempool(Chain chain, int maxTransactions) {
        this.chain = chain;
        this.maxTransactions = maxTransactions;
    }

    Collection<Waiting> all() {
        return List.copyOf(waiting.values());
    }

    Optional<Transaction> find(Txid txid) {
        return Optional.ofNullable(waiting.get(txid)).map(Waiting::transaction);
    }

    Optional<Transaction> find(Wtxid wtxid) {
        return Optional.ofNullable(byWtxid.get(wtxid)).flatMap(this::find);
    }

    Set<Txid> txids() {
        return Set.copyOf(waiting.keySet());
    }

    /// Takes a transaction, or says why not.
    Optional<Refusal> accept(Transaction transaction) {
        Txid txid = transaction.txid();
        Optional<Refusal> refusal = checkAlone(transaction).or(() -> checkPlace(transaction, txid));
        if (refusal.isPresent()) {
            return refusal;
        }
        List<Utxo> utxos = new ArrayList<>();
        for (TxIn input : transaction.inputs()) {
            Optional<Utxo> utxo = utxo(input.outPoint());
            if (utxo.isEmpty()) {
                return refuse(RejectCode.INVALID, "bad-txns-inputs-missingorspent");
            }
            if (!utxo.get().isMatureAt(chain.height() + 1)) {
                return refuse(RejectCode.INVALID, "bad-txns-premature-spend-of-coinbase");
            }
            utxos.add(utxo.get());
        }
        if (!Finality.isFinal(transaction, utxos, chain)) {
            return refuse(RejectCode.NONSTANDARD, "non-final");
        }
        long fee = total(utxos.stream().map(Utxo::output).toList()) - total(transaction.outputs());
        Set<Txid> replaced = replaced(transaction);
        refusal =
                checkFee(fee, transaction.weight())
                        .or(() -> checkReplacement(transaction, fee, replaced))
                        .or(() -> checkScripts(transaction, utxos));
        if (refusal.isEmpty()) {
            replaced.forEach(this::forget);
            waiting.put(txid, new Waiting(transaction, Sat.of(fee)));
            byWtxid.put(transaction.wtxid(), txid);
            transaction.inputs().forEach(input -> spenders.put(input.outPoint(), txid));
        }
        return refusal;
    }

    private static Optional<Refusal> checkAlone(Transaction transaction) {
        if (transaction.inputs().isEmpty() || transaction.outputs().isEmpty()) {
            return refuse(RejectCode.INVALID, "bad-txns-vin-or-vout-empty");
        }
        if (transaction.isCoinbase()) {
            return refuse(RejectCode.INVALID, "coinbase");
        }
        if (transaction.weight().isMoreThan(Weight.MAX_STANDARD_TRANSACTION)) {
            return refuse(RejectCode.NONSTANDARD, "tx-size");
        }
        if (transaction.serializeWithoutWitness().length() < MIN_BYTES) {
            return refuse(RejectCode.NONSTANDARD, "tx-size-small");
        }
        Set<OutPoint> spent = new HashSet<>();
        for (TxIn input : transaction.inputs()) {
            if (!spent.add(input.outPoint())) {
                return refuse(RejectCode.INVALID, "bad-txns-inputs-duplicate");
            }
        }
        return Sat.isValid(total(transaction.outputs()))
                ? Optional.empty()
                : refuse(RejectCode.INVALID, "bad-txns-txouttotal-toolarge");
    }

    private Optional<Refusal> checkPlace(Transaction transaction, Txid txid) {
        if (waiting.containsKey(txid)) {
            return refuse(RejectCode.DUPLICATE, "txn-already-in-mempool");
        }
        for (int i = 0; i < transaction.outputs().size(); i++) {
            if (chain.utxo(new OutPoint(txid, i)).isPresent()) {
                return refuse(RejectCode.DUPLICATE, "txn-already-known");
            }
        }
        return waiting.size() < maxTransactions
                ? Optional.empty()
                : refuse(RejectCode.INSUFFICIENT_FEE, "mempool full");
    }

    private static Optional<Refusal> checkFee(long fee, Weight weight) {
        if (fee < 0) {
            return refuse(RejectCode.INVALID, "bad-txns-in-belowout");
        }
        return fee < FeeRate.MIN_RELAY.feeFor(weight).value()
                ? refuse(RejectCode.INSUFFICIENT_FEE, "min relay fee not met")
                : Optional.empty();
    }

    /// What conflicts with the transaction, and whatever spends outputs of that.
    private Set<Txid> replaced(Transaction transaction) {
        Set<Txid> replaced = new LinkedHashSet<>();
        Deque<OutPoint> spent = new ArrayDeque<>();
        transaction.inputs().forEach(input -> spent.add(input.outPoint()));
        while (!spent.isEmpty()) {
            Txid by = spenders.get(spent.remove());
            Waiting other = by == null ? null : waiting.get(by);
            if (by != null && other != null && replaced.add(by)) {
                for (int i = 0; i < other.transaction().outputs().size(); i++) {
                    spent.add(new OutPoint(by, i));
                }
            }
        }
        return replaced;
    }

    /// Bitcoin Core's rules: no output of what is replaced is spent (a conflict with itself), at
    /// most 100 are replaced, the fee rate is above that of each direct conflict, and the fee pays
    /// for all that is replaced and for relaying the new one.
    private Optional<Refusal> checkReplacement(
            Transaction transaction, long fee, Set<Txid> replaced) {
        if (replaced.isEmpty()) {
            return Optional.empty();
        }
        if (replaced.size() > MAX_REPLACED) {
            return refuse(RejectCode.NONSTANDARD, "too many potential replacements");
        }
        long size = transaction.weight().virtualBytes();
        long fees = 0;
        for (Txid txid : replaced) {
            Waiting other = requireNonNull(waiting.get(txid));
            fees += other.fee().value();
            boolean isDirect =
                    transaction.inputs().stream()
                            .map(TxIn::outPoint)
                            .anyMatch(coin -> {
                                Txid by = spenders.get(coin);
                                return by != null && by.equals(txid);
                            });
            long otherSize = other.transaction().weight().virtualBytes();
            if (isDirect && fee * otherSize <= other.fee().value() * size) {
                return refuse(RejectCode.INSUFFICIENT_FEE, "insufficient fee");
            }
        }
        if (transaction.inputs().stream()
                .anyMatch(input -> replaced.contains(input.outPoint().txid()))) {
            return refuse(RejectCode.INVALID, "bad-txns-spends-conflicting-tx");
        }
        return fee < fees + FeeRate.MIN_RELAY.feeFor(transaction.weight()).value()
                ? refuse(RejectCode.INSUFFICIENT_FEE, "insufficient fee")
                : Optional.empty();
    }

    /// False if it does not wait, or something that waits spends an output of it.
    boolean evict(Txid txid) {
        Waiting entry = waiting.get(txid);
        if (entry == null) {
            return false;
        }
        for (int i = 0; i < entry.transaction().outputs().size(); i++) {
            if (spenders.containsKey(new OutPoint(txid, i))) {
                return false;
            }
        }
        forget(txid);
        return true;
    }

    private void forget(Txid txid) {
        Waiting gone = waiting.remove(txid);
        if (gone != null) {
            byWtxid.remove(gone.transaction().wtxid());
            gone.transaction().inputs().forEach(input -> spenders.remove(input.outPoint(), txid));
        }
    }

    private static Optional<Refusal> checkScripts(Transaction transaction, List<Utxo> utxos) {
        Optional<ScriptFailure> failure =
                ScriptInterpreter.verifyAll(transaction, utxos.stream().map(Utxo::output).toList());
        return failure.flatMap(at ->
                refuse(
                        RejectCode.INVALID,
                        "mandatory-script-verify-flag-failed (input "
                                + at.inputIndex()
                                + ": "
                                + at.reason()
                                + ")"));
    }

    private Optional<Utxo> utxo(OutPoint outPoint) {
        Waiting parent = waiting.get(outPoint.txid());
        if (parent != null && outPoint.vout() < parent.transaction().outputs().size()) {
            TxOut output = parent.transaction().outputs().get((int) outPoint.vout());
            return Optional.of(new Utxo(output, Utxo.UNCONFIRMED, false));
        }
        return chain.utxo(outPoint);
    }

    /// Amounts are at most 21 million bitcoin each and 10,000 fit a transaction, so no sum
    /// overflows.
    private static long total(List<TxOut> outputs) {
        return outputs.stream().mapToLong(output -> output.value().value()).sum();
    }

    private static Optional<Refusal> refuse(int code, String reason) {
        return Optional.of(new Refusal(code, reason));
    }

    /// Forgets what a block has taken up.
    void mined(Collection<Transaction> transactions) {
        for (Transaction transaction : transactions) {
            Waiting gone = waiting.remove(transaction.txid());
            if (gone != null) {
                byWtxid.remove(gone.transaction().wtxid());
            }
            transaction.inputs().forEach(input -> spenders.remove(input.outPoint()));
        }
    }

    /// After blocks were disconnected: what they had comes back, and everything is looked at anew.
    void reconsider(List<Transaction> returned) {
        List<Transaction> again = new ArrayList<>(returned);
        waiting.values().forEach(entry -> again.add(entry.transaction()));
        waiting.clear();
        byWtxid.clear();
        spenders.clear();
        again.forEach(this::accept);
    }
}
