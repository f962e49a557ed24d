package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.secp256k1.NativeLibrary;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

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
    /// @throws IllegalArgumentException if there is not one prevout for each input; for a set of
    ///   flags that Bitcoin Core has no answer to either: WITNESS without P2SH, CLEANSTACK without
    ///   WITNESS
    /// @throws NativeLibraryException if libsecp256k1 cannot be used here
    public static Optional<ScriptFailure> verify(
            Transaction transaction, List<TxOut> prevouts, int inputIndex, Set<ScriptFlag> flags) {
        return verify(transaction, prevouts, inputIndex, flags, ScriptInterpreter::ignore);
    }

    /// Runs one input, and tells which opcodes were run.
    ///
    /// @param trace hears each opcode (0 to 255, [Opcode#name]) before it is run; in a leaf with an
    ///   OP_SUCCESS that one alone, since nothing is run
    public static Optional<ScriptFailure> verify(
            Transaction transaction,
            List<TxOut> prevouts,
            int inputIndex,
            Set<ScriptFlag> flags,
            IntConsumer trace) {
        SignedTransaction signed = signed(transaction, prevouts);
        return verify(signed, inputIndex, new Rules(flags), trace);
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
        SignedTransaction signed = signed(transaction, prevouts);
        Rules rules = new Rules(flags);
        for (int i = 0; i < prevouts.size(); i++) {
            Optional<ScriptFailure> failure = verify(signed, i, rules, ScriptInterpreter::ignore);
            if (failure.isPresent()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    private static void ignore(int opcode) {}

    private static SignedTransaction signed(Transaction transaction, List<TxOut> prevouts) {
        // Later it would look like a signature that is wrong.
        NativeLibrary.require();
        return new SignedTransaction(transaction, prevouts);
    }

    private static Optional<ScriptFailure> verify(
            SignedTransaction signed, int inputIndex, Rules rules, IntConsumer trace) {
        try {
            new InputVerifier(signed, inputIndex, rules, trace).verify();
            return Optional.empty();
        } catch (ScriptException e) {
            return Optional.of(new ScriptFailure(inputIndex, e.error()));
        }
    }
}
