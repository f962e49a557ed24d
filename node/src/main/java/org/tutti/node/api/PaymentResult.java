package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;
import org.tutti.wallet.payments.PaymentState;

import java.util.Optional;

/// A payment that the group has signed.
///
/// @param session id of the signing session, 64 hex digits
/// @param txid as Bitcoin writes it, reversed hex
/// @param feeSat what the miner gets, in satoshi; absent for a payment from before a restart whose
///   coins are not known yet
/// @param state `signed`, `sent` or `confirmed`: a payment that is asked for again with its key may
///   be further already
/// @param key asked again with it, the same payment is answered; a random one if none was given
public record PaymentResult(
        String session,
        String txid,
        @JsonOmitted Optional<Long> feeSat,
        PaymentState state,
        String key) {}
