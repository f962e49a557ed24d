package org.tutti.bitcoin.tx;

import org.tutti.bitcoin.units.Sat;
import org.tutti.bitcoin.units.Weight;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The consensus rules that a transaction can break all by itself (Bitcoin Core
/// `CheckTransaction`).
///
/// Single amounts out of range are refused while reading; their sum is looked at here.
public final class TransactionCheck {
    private static final int COINBASE_SCRIPT_LEAST = 2;
    private static final int COINBASE_SCRIPT_MOST = 100;

    private TransactionCheck() {}

    /// Why no block may have the transaction.
    public enum Fault {
        /// It spends nothing.
        NO_INPUTS,
        /// It pays nothing.
        NO_OUTPUTS,
        /// Without witness it is heavier than a block.
        TOO_LARGE,
        /// The outputs add up to more money than there is.
        TOO_MUCH_MONEY,
        /// Two inputs spend the same output (CVE-2018-17144).
        DUPLICATE_INPUT,
        /// The script of a coinbase has 2 to 100 bytes.
        COINBASE_SCRIPT_LENGTH,
        /// An input spends nothing, but the transaction is not a coinbase.
        NULL_PREVOUT
    }

    /// The first fault, or nothing.
    public static Optional<Fault> fault(Transaction transaction) {
        if (transaction.inputs().isEmpty()) {
            return Optional.of(Fault.NO_INPUTS);
        }
        if (transaction.outputs().isEmpty()) {
            return Optional.of(Fault.NO_OUTPUTS);
        }
        long size = transaction.serializeWithoutWitness().length();
        if (Weight.of(size, size).isMoreThan(Weight.MAX_BLOCK)) {
            return Optional.of(Fault.TOO_LARGE);
        }
        if (paysTooMuch(transaction.outputs())) {
            return Optional.of(Fault.TOO_MUCH_MONEY);
        }
        return inputFault(transaction);
    }

    private static boolean paysTooMuch(List<TxOut> outputs) {
        Sat left = Sat.MAX;
        for (TxOut output : outputs) {
            if (output.value().isMoreThan(left)) {
                return true;
            }
            left = left.minus(output.value());
        }
        return false;
    }

    private static Optional<Fault> inputFault(Transaction transaction) {
        Set<OutPoint> seen = new HashSet<>();
        for (TxIn input : transaction.inputs()) {
            if (!seen.add(input.outPoint())) {
                return Optional.of(Fault.DUPLICATE_INPUT);
            }
        }
        if (transaction.isCoinbase()) {
            int length = transaction.inputs().getFirst().scriptSig().length();
            boolean fits = length >= COINBASE_SCRIPT_LEAST && length <= COINBASE_SCRIPT_MOST;
            return fits ? Optional.empty() : Optional.of(Fault.COINBASE_SCRIPT_LENGTH);
        }
        return seen.contains(OutPoint.COINBASE)
                ? Optional.of(Fault.NULL_PREVOUT)
                : Optional.empty();
    }
}
