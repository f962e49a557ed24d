package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The pieces that Core's script vectors share.
final class ScriptVectors {
    private ScriptVectors() {}

    /// Flags as Core's files write them: names with commas, or `NONE`, or nothing.
    static Set<ScriptFlag> flags(String text) {
        Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
        for (String name : text.split(",", -1)) {
            if (!name.isEmpty() && !name.equals("NONE")) {
                flags.add(ScriptFlag.valueOf(name));
            }
        }
        return flags;
    }

    static List<TxOut> prevouts(JsonNode hexes) throws DecodeException {
        List<TxOut> prevouts = new ArrayList<>();
        for (JsonNode hex : hexes) {
            prevouts.add(TxOut.read(new WireReader(Vectors.hex(hex))));
        }
        return prevouts;
    }

    /// The transaction with one input's scriptSig and witness as a case says.
    static Transaction with(Transaction transaction, int index, JsonNode spend) {
        List<TxIn> inputs = new ArrayList<>(transaction.inputs());
        List<Bytes> witness = spend.get("witness").valueStream().map(Vectors::hex).toList();
        TxIn old = inputs.get(index);
        inputs.set(
                index,
                new TxIn(
                        old.outPoint(),
                        Script.of(Vectors.hex(spend.get("scriptSig"))),
                        old.sequence(),
                        witness));
        return new Transaction(
                transaction.version(), inputs, transaction.outputs(), transaction.lockTime());
    }
}
