package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.List;
import java.util.Optional;

/// A payment to be made.
///
/// @param to address on the group's network
/// @param amountSat what it is paid, in satoshi; at least 1
/// @param feeRate satoshi per virtual byte, 1 to [#MAX_FEE_RATE]; [#DEFAULT_FEE_RATE] if absent
/// @param coins spend at least so many coins; as few as possible if absent
/// @param key names the payment: asked for again with the same key, address and amount it is made
///   once, and its result is told again. 1 to [#MAX_KEY_CHARS] printable ASCII characters without
///   spaces; a random one if absent
/// @param feeLadder two or three rising rates in the place of `feeRate`, signed in one session and
///   sent one after the other while the payment is in no block
/// @param again make it although a payment of the same amount to the same address, asked for with
///   another key, is not confirmed yet; false if absent
/// @param group that pays, as [GroupApi#address(Optional)] names it
public record PayRequest(
        String to,
        long amountSat,
        @JsonOmitted Optional<Long> feeRate,
        @JsonOmitted Optional<Long> coins,
        @JsonOmitted Optional<String> key,
        @JsonOmitted Optional<Boolean> again,
        @JsonOmitted Optional<List<Long>> feeLadder,
        @JsonOmitted Optional<String> group) {
    public static final int MAX_KEY_CHARS = 64;
    public static final long DEFAULT_FEE_RATE = 2;
    public static final long MAX_FEE_RATE = 100_000;

    /// Once, under a random key.
    public PayRequest(String to, long amountSat, Optional<Long> feeRate, Optional<Long> coins) {
        this(to, amountSat, feeRate, coins, Optional.empty(), Optional.empty());
    }

    /// With one rate.
    public PayRequest(
            String to,
            long amountSat,
            Optional<Long> feeRate,
            Optional<Long> coins,
            Optional<String> key,
            Optional<Boolean> again) {
        this(to, amountSat, feeRate, coins, key, again, Optional.empty(), Optional.empty());
    }
}
