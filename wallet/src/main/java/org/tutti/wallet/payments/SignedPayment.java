package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;

import java.util.Optional;

/// A payment that the group has signed. Checking and broadcasting follow by themselves.
///
/// @param fee unknown where this node's chain does not have the coins yet, as after a start
/// @param key asked again with it, the same payment is answered
public record SignedPayment(
        SessionId session, Txid txid, Optional<Sat> fee, PaymentState state, Bytes key) {}
