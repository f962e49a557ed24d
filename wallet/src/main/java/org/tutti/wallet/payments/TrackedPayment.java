package org.tutti.wallet.payments;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.wallet.spend.Confirmation;

import java.time.Instant;
import java.util.Optional;

/// A payment of the group's, as far as this node knows it.
///
/// @param transaction with its signatures, if this node ever had them
/// @param rebroadcastAt when this node sends it if it is in no block by then
/// @param confirmation while it is in a block of the best chain
public record TrackedPayment(
        Txid txid,
        Optional<Transaction> transaction,
        PaymentState state,
        Instant rebroadcastAt,
        Optional<Confirmation> confirmation) {
    TrackedPayment withTransaction(Transaction signed) {
        return new TrackedPayment(txid, Optional.of(signed), state, rebroadcastAt, confirmation);
    }

    TrackedPayment withState(PaymentState next) {
        return new TrackedPayment(txid, transaction, next, rebroadcastAt, confirmation);
    }

    TrackedPayment withRebroadcastAt(Instant next) {
        return new TrackedPayment(txid, transaction, state, next, confirmation);
    }

    TrackedPayment confirmedBy(Confirmation where) {
        return new TrackedPayment(
                txid, transaction, PaymentState.CONFIRMED, rebroadcastAt, Optional.of(where));
    }

    TrackedPayment unconfirmed() {
        return new TrackedPayment(
                txid, transaction, PaymentState.CHECKED, rebroadcastAt, Optional.empty());
    }
}
