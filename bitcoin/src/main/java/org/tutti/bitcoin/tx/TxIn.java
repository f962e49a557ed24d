package org.tutti.bitcoin.tx;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.script.Script;

import java.util.List;

/// An input: what it spends, and by what right.
///
/// @param outPoint the output that is spent
/// @param scriptSig empty for every segwit spend
/// @param sequence whether it may be replaced, and how old the spent output must be
/// @param witness the stack, bottom first (BIP144); empty when there is none
public record TxIn(OutPoint outPoint, Script scriptSig, Sequence sequence, List<Bytes> witness) {
    /// The least bytes an input takes without witness: outpoint, empty script, sequence.
    static final int LEAST_BYTES = OutPoint.LENGTH + 1 + 4;

    public TxIn {
        witness = WitnessStack.copyOf(witness);
    }

    /// An input that nobody has signed yet.
    public static TxIn unsigned(OutPoint outPoint, Sequence sequence) {
        return new TxIn(outPoint, Script.EMPTY, sequence, List.of());
    }

    public TxIn withWitness(List<Bytes> newWitness) {
        return new TxIn(outPoint, scriptSig, sequence, newWitness);
    }

    /// The input without its witness, as it is read before the witnesses of all inputs follow.
    static TxIn readBase(WireReader in) throws DecodeException {
        return new TxIn(
                OutPoint.read(in), Script.read(in, "scriptSig"), Sequence.of(in.u32()), List.of());
    }

    /// Reads the witness of one input (BIP144): the number of items, and the items.
    public static List<Bytes> readWitness(WireReader in) throws DecodeException {
        return WitnessStack.read(in);
    }

    /// Writes what [#readWitness] reads.
    public static void writeWitness(List<Bytes> witness, WireWriter out) {
        WitnessStack.write(witness, out);
    }

    /// Bytes when serialised without the witness.
    int baseSize() {
        return OutPoint.LENGTH + scriptSig.size() + 4;
    }

    /// Bytes of the witness when serialised.
    int witnessSize() {
        return WitnessStack.size(witness);
    }

    void writeBase(WireWriter out) {
        outPoint.write(out);
        scriptSig.write(out);
        out.u32(sequence.value());
    }

    void writeWitness(WireWriter out) {
        writeWitness(witness, out);
    }
}
