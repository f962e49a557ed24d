package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Runs the scripts of a transaction's inputs against the outputs that they spend.
///
/// Signatures, scripts, and the lock times that scripts ask for are checked; that the prevouts
/// exist, are unspent, and are worth as much as is paid out is not: that takes a chain.
public final class ScriptInterpreter {
    private ScriptInterpreter() {}

    /// Runs one input under given rules.
    ///
    /// @param prevouts the outputs that the inputs spend, one for each input in the same order
    /// @return nothing when the input is satisfied
    public static Optional<ScriptFailure> verify(
            Transaction transaction, List<TxOut> prevouts, int inputIndex, Set<ScriptFlag> flags) {
        requireAllPrevouts(transaction, prevouts);
        return new KmpInterpreter(transaction, prevouts).verify(inputIndex, flags);
    }

    /// Runs every input under the rules by which nodes relay.
    ///
    /// @return the first failure, or nothing when all are satisfied
    public static Optional<ScriptFailure> verifyAll(Transaction transaction, List<TxOut> prevouts) {
        return verifyAll(transaction, prevouts, ScriptFlag.STANDARD);
    }

    /// Runs every input under given rules.
    public static Optional<ScriptFailure> verifyAll(
            Transaction transaction, List<TxOut> prevouts, Set<ScriptFlag> flags) {
        requireAllPrevouts(transaction, prevouts);
        KmpInterpreter interpreter = new KmpInterpreter(transaction, prevouts);
        for (int i = 0; i < prevouts.size(); i++) {
            Optional<ScriptFailure> failure = interpreter.verify(i, flags);
            if (failure.isPresent()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    private static void requireAllPrevouts(Transaction transaction, List<TxOut> prevouts) {
        if (transaction.inputs().size() != prevouts.size()) {
            throw new IllegalArgumentException(
                    transaction.inputs().size() + " inputs but " + prevouts.size() + " prevouts");
        }
    }
}
