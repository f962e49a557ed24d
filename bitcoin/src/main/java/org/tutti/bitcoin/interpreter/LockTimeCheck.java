package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;

/// Whether a transaction waits at least as long as a script asks (BIP65, BIP112; Bitcoin Core
/// `CheckLockTime`, `CheckSequence`). That the chain has come so far is for whoever puts the
/// transaction into a block.
final class LockTimeCheck {
    /// BIP68: with this bit, a sequence number asks for nothing.
    static final long DISABLED = 1L << 31;

    private static final long COUNTS_TIME = 1L << 22;
    private static final long MASK = COUNTS_TIME | 0xffff;

    private LockTimeCheck() {}

    /// @param wanted not negative
    static boolean isAbsoluteSatisfied(Transaction transaction, int inputIndex, long wanted) {
        LockTime lockTime = transaction.lockTime();
        boolean sameKind = lockTime.isHeight() == (wanted < LockTime.THRESHOLD);
        // A final input switches the lock time off.
        return sameKind
                && wanted <= lockTime.value()
                && !transaction.inputs().get(inputIndex).sequence().isFinal();
    }

    /// @param wanted not negative, without the bit [#DISABLED]
    static boolean isRelativeSatisfied(Transaction transaction, int inputIndex, long wanted) {
        Sequence sequence = transaction.inputs().get(inputIndex).sequence();
        // The version counts as unsigned.
        if (Integer.compareUnsigned(transaction.version(), 2) < 0
                || (sequence.value() & DISABLED) != 0) {
            return false;
        }
        long actual = sequence.value() & MASK;
        long asked = wanted & MASK;
        boolean sameKind = (actual < COUNTS_TIME) == (asked < COUNTS_TIME);
        return sameKind && asked <= actual;
    }
}
