package org.tutti.bitcoin.interpreter;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;

import java.util.List;

/// A transaction with the outputs that it spends, and what all of its inputs hash in common: each
/// of the three kinds is made when the first signature asks for it.
///
/// Not thread-safe: one verification, one thread.
final class SignedTransaction {
    private final Transaction transaction;
    private final List<TxOut> prevouts;
    private @Nullable LegacySighash legacy;
    private @Nullable WitnessV0Sighash witnessV0;
    private @Nullable TaprootSighash taproot;

    /// @throws IllegalArgumentException if there is not one prevout for each input
    SignedTransaction(Transaction transaction, List<TxOut> prevouts) {
        if (transaction.inputs().size() != prevouts.size()) {
            throw new IllegalArgumentException(
                    transaction.inputs().size() + " inputs but " + prevouts.size() + " prevouts");
        }
        this.transaction = transaction;
        this.prevouts = List.copyOf(prevouts);
    }

    Transaction transaction() {
        return transaction;
    }

    List<TxOut> prevouts() {
        return prevouts;
    }

    LegacySighash legacy() {
        LegacySighash known = legacy;
        if (known == null) {
            known = new LegacySighash(transaction);
            legacy = known;
        }
        return known;
    }

    WitnessV0Sighash witnessV0() {
        WitnessV0Sighash known = witnessV0;
        if (known == null) {
            known = new WitnessV0Sighash(transaction, prevouts);
            witnessV0 = known;
        }
        return known;
    }

    TaprootSighash taproot() {
        TaprootSighash known = taproot;
        if (known == null) {
            known = TaprootSighash.of(transaction, prevouts);
            taproot = known;
        }
        return known;
    }
}
