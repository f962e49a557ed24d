package org.tutti.wallet.payments;

import org.tutti.bitcoin.tx.Hash256;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;

/// A payment that the group has signed. Checking and broadcasting follow by themselves.
public record SignedPayment(SessionId session, Hash256 txid, Sat fee) {}
