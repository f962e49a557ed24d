package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.spend.CoinSelection;

import java.util.Optional;

/// A payment that somebody wants made.
///
/// @param key names the payment, so that it is made once however often it is ordered; without one
///   it gets a random key
/// @param again whether it is to be made though an equal payment, ordered without this key, may
///   still be under way
public record PaymentOrder(
        Address to,
        Sat amount,
        FeeRate feeRate,
        CoinSelection coins,
        Optional<Bytes> key,
        boolean again) {
    /// @throws IllegalArgumentException if the key is empty or too long
    public PaymentOrder {
        key.ifPresent(PaymentOrder::requireShort);
    }

    private static void requireShort(Bytes key) {
        if (key.isEmpty() || key.length() > SigningRequestDraft.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length() + " bytes");
        }
    }
}
