package org.tutti.bitcoin.psbt;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.psbt.Fields.Global;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;

import java.util.ArrayList;
import java.util.List;

/// BIP174, "Combiner": "The resulting PSBT must contain all of the key-value pairs from each of the
/// PSBTs." Where two contradict each other it refuses, as it may: which one is right is not known.
final class Combiner {
    private Combiner() {}

    static Psbt combine(Psbt one, Psbt other) throws PsbtException {
        // "Updaters and combiners that need to add a version number to a PSBT should use the
        // highest
        // version number required."
        int version = Math.max(one.version(), other.version());
        // "A Combiner must not combine two different PSBTs."
        Txid identity = identity(one, version);
        if (!identity(other, version).equals(identity)) {
            throw new PsbtException(
                    Code.OTHER_TRANSACTION, "the PSBTs are of different transactions");
        }
        Psbt both =
                version == 0
                        ? union(one, other, global(one), global(other))
                        : union(one.asVersion2(), other.asVersion2(), newer(one), newer(other));
        if (!identity(both, version).equals(identity)) {
            throw new PsbtException(Code.CONFLICT, "together they make another transaction");
        }
        requireReadable(both);
        return both;
    }

    /// BIP174: "PSBTs can be uniquely identified by 0x00 global transaction"; BIP370: "by
    /// constructing an unsigned transaction …, and computing the transaction ID of that
    /// transaction", where "the sequence number in this unsigned transaction must be set to 0".
    private static Txid identity(Psbt psbt, int version) throws PsbtException {
        Transaction transaction = psbt.unsignedTransaction();
        if (version == 0) {
            return transaction.txid();
        }
        List<TxIn> inputs =
                transaction.inputs().stream()
                        .map(in -> TxIn.unsigned(in.outPoint(), Sequence.ZERO))
                        .toList();
        return new Transaction(
                        transaction.version(),
                        inputs,
                        transaction.outputs(),
                        transaction.lockTime())
                .txid();
    }

    /// What may be changed is no conflict: see [Modifiable#and].
    private static PsbtMap global(Psbt psbt) {
        return psbt.global().without(List.of(Global.TX_MODIFIABLE));
    }

    /// The lock time of version 0 was determined before: it is no fallback that the other one would
    /// have to have.
    private static PsbtMap newer(Psbt psbt) {
        PsbtMap global = global(psbt.asVersion2());
        return psbt.version() == 2 ? global : global.without(List.of(Global.FALLBACK_LOCKTIME));
    }

    private static Psbt union(Psbt one, Psbt other, PsbtMap ofOne, PsbtMap ofOther)
            throws PsbtException {
        Modifiable modifiable = Modifiable.of(one.global()).and(Modifiable.of(other.global()));
        PsbtMap global = modifiable.in(ofOne.union(ofOther));
        List<PsbtInput> inputs = new ArrayList<>();
        for (int i = 0; i < one.inputs().size(); i++) {
            inputs.add(one.inputs().get(i).union(other.inputs().get(i), "input " + i));
        }
        List<PsbtOutput> outputs = new ArrayList<>();
        for (int i = 0; i < one.outputs().size(); i++) {
            outputs.add(one.outputs().get(i).union(other.outputs().get(i), "output " + i));
        }
        return one.version() == 0
                ? Psbt.version0(global, one.unsignedTransaction(), inputs, outputs)
                : Psbt.version2(global, inputs, outputs);
    }

    /// What is combined again and again does not grow without end.
    private static void requireReadable(Psbt psbt) throws PsbtException {
        if (psbt.fieldCount() > Psbt.MAX_FIELDS) {
            throw new PsbtException(
                    Code.TOO_LARGE, "together more than " + Psbt.MAX_FIELDS + " fields");
        }
        if (psbt.serialize().length() > Psbt.MAX_BYTES) {
            throw new PsbtException(
                    Code.TOO_LARGE, "together more than " + Psbt.MAX_BYTES + " bytes");
        }
    }
}
