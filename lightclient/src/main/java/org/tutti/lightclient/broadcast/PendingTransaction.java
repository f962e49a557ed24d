package org.tutti.lightclient.broadcast;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;

import java.util.Optional;
import java.util.Set;

/// A transaction that is to be in a block, and what has to outlive a restart with it.
///
/// @param fee what it leaves to the miner, if its owner knows: peers that want more are not told of
///   it (BIP133)
/// @param givenTo names of the peers that got it from us: that one of them has it says nothing of
///   the others
public record PendingTransaction(Transaction transaction, Optional<Sat> fee, Set<String> givenTo) {
    public PendingTransaction {
        givenTo = Set.copyOf(givenTo);
    }

    /// One that nobody has from us.
    public static PendingTransaction of(Transaction transaction) {
        return new PendingTransaction(transaction, Optional.empty(), Set.of());
    }

    /// One that nobody has from us.
    public static PendingTransaction of(Transaction transaction, Sat fee) {
        return new PendingTransaction(transaction, Optional.of(fee), Set.of());
    }
}
