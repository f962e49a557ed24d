package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;

import java.util.Optional;

/// What became of a payment, or of a request's transaction, in the end, as it is kept with its
/// idempotency key: a byte and 32 bytes.
///
/// @param made whether it is in a block; otherwise a coin of it was spent by something else
/// @param by what is in the block: the payment's own transaction, or that which spends its coin
public record PaymentOutcome(boolean made, Txid by) {
    private static final byte MADE = 1;
    private static final byte VOID = 2;
    private static final int LENGTH = 33;

    /// 33 bytes.
    public Bytes encode() {
        return Bytes.concat(Bytes.wrap(new byte[] {made ? MADE : VOID}), by.bytes());
    }

    /// @return nothing if nobody said what became of it
    public static Optional<PaymentOutcome> decode(Bytes outcome) {
        if (outcome.length() != LENGTH || (outcome.get(0) != MADE && outcome.get(0) != VOID)) {
            return Optional.empty();
        }
        return Optional.of(
                new PaymentOutcome(outcome.get(0) == MADE, Txid.of(outcome.slice(1, LENGTH))));
    }
}
