package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.ArrayList;
import java.util.List;

/// Makes a payment of a requester's bytes and *our own* coins. The request has no field for amounts
/// or scripts of prevouts: what this signer's chain does not show does not exist.
final class PaymentReader {
    private PaymentReader() {}

    static UnsignedPayment read(Transaction transaction, UtxoStore utxos) throws RefusedException {
        TransactionRules.checkShape(transaction, PaymentBuilder.MAX_INPUTS);
        TransactionRules.checkWeight(PaymentBuilder.signedWeight(transaction));
        List<Utxo> spent = new ArrayList<>();
        for (TxIn input : transaction.inputs()) {
            spent.add(spendable(input.outPoint(), utxos));
        }
        TransactionRules.checkFinal(transaction, utxos.tipHeight());
        return new UnsignedPayment(transaction, spent);
    }

    /// The transaction alone: whether it can be spent is not looked at.
    static Transaction parse(Bytes context) throws RefusedException {
        TransactionRules.checkBytes(context.length());
        try {
            // Without witness: the form that a signing request carries, and nothing else.
            return Transaction.parseWithoutWitness(context);
        } catch (DecodeException e) {
            throw malformed("not an unsigned transaction: " + e.getMessage());
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
}
