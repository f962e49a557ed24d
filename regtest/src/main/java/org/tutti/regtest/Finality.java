package org.tutti.regtest;

import org.tutti.bitcoin.tx.Sequence.RelativeLock;
import org.tutti.bitcoin.tx.Transaction;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Whether the next block may have a transaction, as far as its lock times go: absolute
/// (`IsFinalTx`, BIP113) and relative (BIP68).
final class Finality {
    private Finality() {}

    static boolean isFinal(Transaction transaction, List<Utxo> utxos, Chain chain) {
        return absolute(transaction, chain) && relative(transaction, utxos, chain);
    }

    private static boolean absolute(Transaction transaction, Chain chain) {
        return transaction
                        .lockTime()
                        .isReached(chain.height() + 1, chain.medianTime(chain.height()))
                || transaction.inputs().stream().allMatch(input -> input.sequence().isFinal());
    }

    private static boolean relative(Transaction transaction, List<Utxo> utxos, Chain chain) {
        // BIP68: "transactions with nVersion greater than or equal to 2"; the version counts as
        // unsigned.
        if (Integer.compareUnsigned(transaction.version(), 2) < 0) {
            return true;
        }
        for (int i = 0; i < utxos.size(); i++) {
            Optional<RelativeLock> lock = transaction.inputs().get(i).sequence().relativeLock();
            if (lock.isPresent() && !isOldEnough(lock.get(), utxos.get(i), chain)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOldEnough(RelativeLock lock, Utxo utxo, Chain chain) {
        int next = chain.height() + 1;
        int madeAt = Math.min(utxo.height(), next);
        return switch (lock) {
            case RelativeLock.Blocks(int count) -> next - madeAt >= count;
            case RelativeLock.Time(Duration time) -> {
                long since = chain.medianTime(Math.max(0, madeAt - 1));
                yield chain.medianTime(chain.height()) - since >= time.toSeconds();
            }
        };
    }
}
