package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.ArrayList;
import java.util.List;

/// A transaction before anybody has satisfied its inputs, and what it spends: all that signatures
/// sign. The output of the input in question is put in once its script is known.
///
/// @param transaction without scriptSigs and witnesses
/// @param spent one for each input; that of `input` with any script
record Shape(Transaction transaction, List<TxOut> spent, int input) {
    Shape {
        spent = List.copyOf(spent);
    }

    static Shape any(Choices choices) {
        int inputs = choices.percent(60) ? 1 : choices.between(1, 4);
        int outputs = choices.percent(80) ? choices.between(1, 3) : choices.between(0, 5);
        List<TxIn> ins = new ArrayList<>();
        List<TxOut> spent = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            OutPoint outPoint =
                    new OutPoint(Txid.of(Bytes.wrap(choices.bytes(32))), choices.below(100));
            ins.add(TxIn.unsigned(outPoint, Sequence.of(sequence(choices))));
            spent.add(output(choices));
        }
        List<TxOut> outs = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            outs.add(output(choices));
        }
        Transaction transaction =
                new Transaction(version(choices), ins, outs, LockTime.of(lockTime(choices)));
        return new Shape(transaction, spent, choices.below(inputs));
    }

    private static int version(Choices choices) {
        return choices.percent(70)
                ? 2
                : choices.of(0, 1, 1, 2, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static long sequence(Choices choices) {
        return switch (choices.below(6)) {
            case 0 -> 0xffff_ffffL;
            case 1 -> 0xffff_fffeL;
            case 2 -> 0;
            case 3 -> choices.between(0, 0xffff);
            case 4 -> 1L << 22 | choices.between(0, 0xffff);
            default -> choices.anyU32();
        };
    }

    private static long lockTime(Choices choices) {
        return switch (choices.below(5)) {
            case 0 -> 0;
            case 1 -> choices.between(1, 900_000);
            case 2 -> LockTime.THRESHOLD + choices.between(-1, 1);
            case 3 -> LockTime.THRESHOLD + choices.below(1_400_000_000);
            default -> choices.anyU32();
        };
    }

    private static TxOut output(Choices choices) {
        long value =
                choices.percent(90)
                        ? choices.below(Integer.MAX_VALUE)
                        : Math.floorMod(choices.anyLong(), Sat.MAX_VALUE + 1);
        byte[] script =
                choices.percent(50)
                        ? new ScriptText().op(0x51).pushBytes(choices.bytes(32)).toBytes()
                        : choices.bytes(choices.below(40));
        return new TxOut(Sat.of(value), Script.of(Bytes.wrap(script)));
    }

    TxIn txIn() {
        return transaction.inputs().get(input);
    }

    /// The same where the input in question spends an output with this script.
    Shape spending(byte[] scriptPubKey) {
        List<TxOut> changed = new ArrayList<>(spent);
        Sat value = spent.get(input).value();
        changed.set(input, new TxOut(value, Script.of(Bytes.wrap(scriptPubKey))));
        return new Shape(transaction, changed, input);
    }

    /// The same with another sequence number of the input in question.
    Shape withSequence(long sequence) {
        List<TxIn> inputs = new ArrayList<>(transaction.inputs());
        inputs.set(input, TxIn.unsigned(txIn().outPoint(), Sequence.of(sequence)));
        return new Shape(
                new Transaction(
                        transaction.version(),
                        inputs,
                        transaction.outputs(),
                        transaction.lockTime()),
                spent,
                input);
    }

    Shape withLockTime(long lockTime) {
        return new Shape(
                new Transaction(
                        transaction.version(),
                        transaction.inputs(),
                        transaction.outputs(),
                        LockTime.of(lockTime)),
                spent,
                input);
    }

    Shape withVersion(int version) {
        return new Shape(
                new Transaction(
                        version,
                        transaction.inputs(),
                        transaction.outputs(),
                        transaction.lockTime()),
                spent,
                input);
    }

    /// The transaction with the input in question satisfied, or not.
    Transaction with(byte[] scriptSig, List<byte[]> witness) {
        List<TxIn> inputs = new ArrayList<>(transaction.inputs());
        inputs.set(
                input,
                new TxIn(
                        txIn().outPoint(),
                        Script.of(Bytes.wrap(scriptSig)),
                        txIn().sequence(),
                        witness.stream().map(Bytes::wrap).toList()));
        return new Transaction(
                transaction.version(), inputs, transaction.outputs(), transaction.lockTime());
    }
}
