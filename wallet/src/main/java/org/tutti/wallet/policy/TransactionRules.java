package org.tutti.wallet.policy;

import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.units.Weight;

import java.util.HashSet;
import java.util.Set;

/// What every unsigned transaction has to keep to before this signer looks at its coins, whoever
/// asks for it and in whatever form.
public final class TransactionRules {
    /// The most bytes of an unsigned transaction: its weight alone is four times that.
    public static final int MAX_BYTES = 100_000;

    private TransactionRules() {}

    /// @param length of the unsigned transaction
    /// @throws RefusedException `TRANSACTION_TOO_LARGE`
    public static void checkBytes(int length) throws RefusedException {
        if (length > MAX_BYTES) {
            throw new RefusedException(
                    RefusalCode.TRANSACTION_TOO_LARGE, length + " bytes, at most " + MAX_BYTES);
        }
    }

    /// @throws RefusedException `MALFORMED_TRANSACTION`, `TOO_MANY_INPUTS` or `DUPLICATE_INPUT`
    public static void checkShape(Transaction transaction, int maxInputs) throws RefusedException {
        if (transaction.version() != 2) {
            throw malformed("version " + transaction.version() + ", only 2 is signed");
        }
        if (transaction.inputs().isEmpty() || transaction.outputs().isEmpty()) {
            throw malformed("a payment has inputs and outputs");
        }
        if (transaction.inputs().size() > maxInputs) {
            throw new RefusedException(
                    RefusalCode.TOO_MANY_INPUTS,
                    transaction.inputs().size() + " inputs, at most " + maxInputs);
        }
        if (transaction.inputs().stream().anyMatch(input -> !input.scriptSig().isEmpty())) {
            throw malformed("an input with a scriptSig");
        }
        Set<OutPoint> seen = new HashSet<>();
        for (TxIn input : transaction.inputs()) {
            if (!seen.add(input.outPoint())) {
                throw new RefusedException(
                        RefusalCode.DUPLICATE_INPUT, input.outPoint() + " is spent twice");
            }
        }
    }

    /// @param signed with all signatures
    /// @throws RefusedException `TRANSACTION_TOO_LARGE`
    public static void checkWeight(Weight signed) throws RefusedException {
        if (signed.isMoreThan(Weight.MAX_STANDARD_TRANSACTION)) {
            throw new RefusedException(
                    RefusalCode.TRANSACTION_TOO_LARGE,
                    signed + " when signed, at most " + Weight.MAX_STANDARD_TRANSACTION);
        }
    }

    /// What cannot be mined soon could be held back and sent when nobody expects it.
    ///
    /// @param height the highest lock time that is signed
    /// @throws RefusedException `NOT_FINAL`
    public static void checkFinal(Transaction transaction, int height) throws RefusedException {
        LockTime lock = transaction.lockTime();
        if (lock.isTime() || lock.value() > height) {
            throw new RefusedException(
                    RefusalCode.NOT_FINAL, "lock time " + lock + " at height " + height);
        }
        for (TxIn input : transaction.inputs()) {
            if (input.sequence().relativeLock().isPresent()) {
                throw new RefusedException(
                        RefusalCode.NOT_FINAL,
                        "sequence " + input.sequence() + " is a relative lock");
            }
        }
    }

    private static RefusedException malformed(String reason) {
        return new RefusedException(RefusalCode.MALFORMED_TRANSACTION, reason);
    }
}
