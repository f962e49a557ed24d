package org.tutti.wallet.payments;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;

/// A payment that the group has signed. Checking and broadcasting follow by themselves.
public record SignedPayment(SessionId session, Txid txid, Sat fee) {}
