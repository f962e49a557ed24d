package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.units.Weight;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Makes a payment of a requester's bytes and *our own* coins. The request has no field for amounts
/// or scripts of prevouts: what this signer's chain does not show does not exist.
final class PaymentReader {
    /// The most bytes of an unsigned transaction: its weight alone is four times that.
    static final int MAX_BYTES = 100_000;

    private PaymentReader() {}

    static UnsignedPayment read(Transaction transaction, UtxoStore utxos) throws RefusedException {
        checkShape(transaction);
        List<Utxo> spent = new ArrayList<>();
        Set<OutPoint> seen = new HashSet<>();
        for (TxIn input : transaction.inputs()) {
            if (!seen.add(input.outPoint())) {
                throw new RefusedException(
                        RefusalCode.DUPLICATE_INPUT, input.outPoint() + " is spent twice");
            }
            spent.add(spendable(input.outPoint(), utxos));
        }
        checkFinal(transaction, utxos.tipHeight());
        return new UnsignedPayment(transaction, spent);
    }

    /// The transaction alone: whether it can be spent is not looked at.
    static Transaction parse(Bytes context) throws RefusedException {
        if (context.length() > MAX_BYTES) {
            throw new RefusedException(
                    RefusalCode.TRANSACTION_TOO_LARGE,
                    context.length() + " bytes, at most " + MAX_BYTES);
        }
        try {
            // Without witness: the form that a signing request carries, and nothing else.
            return Transaction.parseWithoutWitness(context);
        } catch (DecodeException e) {
            throw malformed("not an unsigned transaction: " + e.getMessage());
        }
    }

    private static void checkShape(Transaction transaction) throws RefusedException {
        if (transaction.version() != 2) {
            throw malformed("version " + transaction.version() + ", only 2 is signed");
        }
        if (transaction.inputs().isEmpty() || transaction.outputs().isEmpty()) {
            throw malformed("a payment has inputs and outputs");
        }
        if (transaction.inputs().size() > PaymentBuilder.MAX_INPUTS) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_INPUTS,
                    transaction.inputs().size() + " inputs, at most " + PaymentBuilder.MAX_INPUTS);
        }
        if (transaction.inputs().stream().anyMatch(input -> !input.scriptSig().isEmpty())) {
            throw malformed("an input with a scriptSig");
        }
        Weight weight = PaymentBuilder.signedWeight(transaction);
        if (weight.isMoreThan(Weight.MAX_STANDARD_TRANSACTION)) {
            throw new RefusedException(
                    RefusalCode.TRANSACTION_TOO_LARGE,
                    weight + " when signed, at most " + Weight.MAX_STANDARD_TRANSACTION);
        }
    }

    private static RefusedException malformed(String reason) {
        return new RefusedException(RefusalCode.MALFORMED_TRANSACTION, reason);
    }

    private static Utxo spendable(OutPoint outPoint, UtxoStore utxos) throws RefusedException {
        UtxoState state =
                utxos.find(outPoint)
                        .orElseThrow(() ->
                                new RefusedException(
                                        RefusalCode.UNKNOWN_PREVOUT,
                                        outPoint + " is not a coin on this signer's chain"));
        return switch (state) {
            case UtxoState.Spent spent ->
                    throw new RefusedException(
                            RefusalCode.ALREADY_SPENT,
                            outPoint + " was spent in block " + spent.height());
            case UtxoState.Unspent(Utxo utxo) -> {
                if (!utxo.isMature(utxos.tipHeight())) {
                    throw new RefusedException(
                            RefusalCode.IMMATURE,
                            outPoint + " is a coinbase of block " + utxo.height());
                }
                yield utxo;
            }
        };
    }

    /// What cannot be mined now could be held back and sent when nobody expects it.
    private static void checkFinal(Transaction transaction, int tipHeight) throws RefusedException {
        LockTime lock = transaction.lockTime();
        if (lock.isTime() || lock.value() > tipHeight) {
            throw new RefusedException(
                    RefusalCode.NOT_FINAL, "lock time " + lock + " at height " + tipHeight);
        }
        for (TxIn input : transaction.inputs()) {
            if (input.sequence().relativeLock().isPresent()) {
                throw new RefusedException(
                        RefusalCode.NOT_FINAL,
                        "sequence " + input.sequence() + " is a relative lock");
            }
        }
    }
}
