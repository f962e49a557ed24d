package org.tutti.wallet.spend;

import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.List;
import java.util.Optional;

/// Puts the signatures into the transaction, and lets the interpreter say whether the network will
/// take it.
public final class PaymentCompletion {
    private PaymentCompletion() {}

    /// The transaction, ready to be sent.
    ///
    /// @param signatures one for each input in the same order
    /// @throws PaymentException WRONG_SIGNATURE_COUNT, or SCRIPT_FAILS naming the input
    public static Transaction complete(UnsignedPayment payment, List<SchnorrSignature> signatures)
            throws PaymentException {
        Transaction transaction = payment.transaction();
        if (signatures.size() != transaction.inputs().size()) {
            throw new PaymentException(
                    PaymentException.Code.WRONG_SIGNATURE_COUNT,
                    transaction.inputs().size() + " inputs, " + signatures.size() + " signatures");
        }
        for (int i = 0; i < signatures.size(); i++) {
            // BIP341: 64 bytes without a hash type byte mean SIGHASH_DEFAULT.
            transaction = transaction.withWitness(i, List.of(signatures.get(i).bytes()));
        }
        Optional<ScriptFailure> failure =
                ScriptInterpreter.verifyAll(transaction, payment.prevouts());
        if (failure.isPresent()) {
            throw new PaymentException(
                    PaymentException.Code.SCRIPT_FAILS,
                    "input " + failure.get().inputIndex() + ": " + failure.get().reason());
        }
        return transaction;
    }
}
