package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.policy.FeeLadder;
import org.tutti.wallet.spend.CoinSelection;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A payment that somebody wants made.
///
/// @param higher further rates, rising, which are signed in the same session and sent one after the
///   other while the payment is in no block; at most two
/// @param key names the payment, so that it is made once however often it is ordered; without one
///   it gets a random key
/// @param again whether it is to be made though an equal payment, ordered without this key, may
///   still be under way
public record PaymentOrder(
        Address to,
        Sat amount,
        FeeRate feeRate,
        List<FeeRate> higher,
        CoinSelection coins,
        Optional<Bytes> key,
        boolean again) {
    /// @throws IllegalArgumentException if the key is empty or too long, or the rates are too many
    ///   or do not rise
    public PaymentOrder {
        higher = List.copyOf(higher);
        key.ifPresent(PaymentOrder::requireShort);
        if (higher.size() >= FeeLadder.MAX_RUNGS) {
            throw new IllegalArgumentException("more than " + FeeLadder.MAX_RUNGS + " rates");
        }
        FeeRate before = feeRate;
        for (FeeRate rate : higher) {
            if (rate.compareTo(before) <= 0) {
                throw new IllegalArgumentException("rates that do not rise: " + rate);
            }
            before = rate;
        }
    }

    /// With one rate.
    public PaymentOrder(
            Address to,
            Sat amount,
            FeeRate feeRate,
            CoinSelection coins,
            Optional<Bytes> key,
            boolean again) {
        this(to, amount, feeRate, List.of(), coins, key, again);
    }

    /// All rates, the lowest first.
    List<FeeRate> rates() {
        return Stream.concat(Stream.of(feeRate), higher.stream()).toList();
    }

    private static void requireShort(Bytes key) {
        if (key.isEmpty() || key.length() > SigningRequestDraft.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length() + " bytes");
        }
    }
}
