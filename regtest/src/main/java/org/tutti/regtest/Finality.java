package org.tutti.regtest;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;

import java.util.List;

/// Whether the next block may have a transaction, as far as its lock times go: absolute
/// (`IsFinalTx`, BIP113) and relative (BIP68).
final class Finality {
    private static final long LOCK_TIME_THRESHOLD = 500_000_000L;

    /// BIP68: "If bit (1 << 31) of the sequence number is set, then no consensus meaning is
    /// applied".
    private static final long DISABLED = 1L << 31;

    /// BIP68: set where the lock counts time in units of 512 seconds, not blocks.
    private static final long COUNTS_TIME = 1L << 22;

    private static final long VALUE = 0xffff;

    private Finality() {}

    static boolean isFinal(Transaction transaction, List<Utxo> coins, Chain chain) {
        return absolute(transaction, chain) && relative(transaction, coins, chain);
    }

    private static boolean absolute(Transaction transaction, Chain chain) {
        long lock = transaction.lockTime();
        long reached =
                lock < LOCK_TIME_THRESHOLD ? chain.height() + 1L : chain.medianTime(chain.height());
        return lock < reached
                || transaction.inputs().stream()
                        .allMatch(input -> input.sequence() == TxIn.SEQUENCE_FINAL);
    }

    private static boolean relative(Transaction transaction, List<Utxo> coins, Chain chain) {
        // BIP68: "transactions with nVersion greater than or equal to 2"; the version counts as
        // unsigned.
        if (Integer.compareUnsigned(transaction.version(), 2) < 0) {
            return true;
        }
        for (int i = 0; i < coins.size(); i++) {
            long sequence = transaction.inputs().get(i).sequence();
            if ((sequence & DISABLED) == 0 && !isOldEnough(sequence, coins.get(i), chain)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOldEnough(long sequence, Utxo coin, Chain chain) {
        int next = chain.height() + 1;
        int madeAt = Math.min(coin.height(), next);
        long value = sequence & VALUE;
        if ((sequence & COUNTS_TIME) == 0) {
            return next - madeAt >= value;
        }
        long since = chain.medianTime(Math.max(0, madeAt - 1));
        return chain.medianTime(chain.height()) - since >= value * 512;
    }
}
