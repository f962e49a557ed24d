package org.tutti.wallet.payments;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.spend.CoinSelection;

/// A payment that somebody wants made.
public record PaymentOrder(Address to, Sat amount, FeeRate feeRate, CoinSelection coins) {}
