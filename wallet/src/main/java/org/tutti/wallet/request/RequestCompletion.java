package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.psbt.PsbtInput;
import org.tutti.bitcoin.psbt.TaprootSignature;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.request.RequestTransaction.KeyInput;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Puts the keys' signatures, and those of others that the PSBT has, into the transaction of a
/// request, and lets the interpreter say whether the network will take it.
sealed interface RequestCompletion {
    /// Ready to be sent.
    record Complete(Transaction transaction) implements RequestCompletion {}

    /// The keys' inputs are right, others have no signature.
    ///
    /// @param missing their indices
    record Incomplete(List<Integer> missing) implements RequestCompletion {}

    /// An input is not satisfied.
    record Failed(String reason) implements RequestCompletion {}

    /// @param signatures one for each input of the keys, in their order
    static RequestCompletion of(RequestTransaction request, List<SchnorrSignature> signatures) {
        List<KeyInput> own = request.keyInputs();
        if (signatures.size() != own.size()) {
            return new Failed(own.size() + " inputs, " + signatures.size() + " signatures");
        }
        Transaction transaction = request.transaction();
        Set<Integer> ownIndices = new HashSet<>();
        for (int i = 0; i < own.size(); i++) {
            KeyInput input = own.get(i);
            ownIndices.add(input.index());
            // Whatever witness the PSBT has for it is its maker's.
            Bytes signature = new TaprootSignature(signatures.get(i), input.type()).bytes();
            transaction = transaction.withWitness(input.index(), List.of(signature));
        }
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < transaction.inputs().size(); i++) {
            if (!ownIndices.contains(i)) {
                Optional<List<Bytes>> witness = othersWitness(request.psbt().inputs().get(i));
                if (witness.isEmpty()) {
                    missing.add(i);
                } else {
                    transaction = transaction.withWitness(i, witness.get());
                }
            }
        }
        for (int i = 0; i < transaction.inputs().size(); i++) {
            if (!missing.contains(i)) {
                Optional<ScriptFailure> failure =
                        ScriptInterpreter.verify(
                                transaction, request.prevouts(), i, ScriptFlag.STANDARD);
                if (failure.isPresent()) {
                    return new Failed("input " + i + ": " + failure.get().reason());
                }
            }
        }
        return missing.isEmpty() ? new Complete(transaction) : new Incomplete(missing);
    }

    private static Optional<List<Bytes>> othersWitness(PsbtInput input) {
        return input.finalWitness()
                .or(() -> input.tapKeySig().map(signature -> List.of(signature.bytes())));
    }
}
