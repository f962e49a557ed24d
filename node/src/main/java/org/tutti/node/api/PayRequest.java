package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.Optional;

/// A payment to be made.
///
/// @param to address on the group's network
/// @param amountSat what it is paid, in satoshi; at least 1
/// @param feeRate satoshi per virtual byte, 1 to [#MAX_FEE_RATE]; [#DEFAULT_FEE_RATE] if absent
/// @param coins spend at least so many coins; as few as possible if absent
public record PayRequest(
        String to,
        long amountSat,
        @JsonOmitted Optional<Long> feeRate,
        @JsonOmitted Optional<Long> coins) {
    public static final long DEFAULT_FEE_RATE = 2;
    public static final long MAX_FEE_RATE = 100_000;
}
