package org.tutti.bitcoin.tx;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.List;

/// An input: what it spends, and by what right.
///
/// @param outPoint the output that is spent
/// @param scriptSig empty for every segwit spend
/// @param sequence 0 to 2^32 - 1; see BIP68 and BIP125
/// @param witness the stack, bottom first (BIP144); empty when there is none
public record TxIn(OutPoint outPoint, Bytes scriptSig, long sequence, List<Bytes> witness) {
    /// Neither a relative lock nor an announced replacement, and the lock time is off.
    public static final long SEQUENCE_FINAL = 0xffff_ffffL;

    /// Announces that the transaction may be replaced (BIP125) and leaves the lock time on.
    public static final long SEQUENCE_REPLACEABLE = 0xffff_fffdL;

    /// The least bytes an input takes without witness: outpoint, empty script, sequence.
    static final int LEAST_BYTES = OutPoint.LENGTH + 1 + 4;

    /// @throws IllegalArgumentException if `sequence` does not fit 32 bits
    public TxIn {
        if (sequence < 0 || sequence > 0xffff_ffffL) {
            throw new IllegalArgumentException(sequence + " is no sequence number");
        }
        witness = List.copyOf(witness);
    }

    /// An input that nobody has signed yet.
    public static TxIn unsigned(OutPoint outPoint, long sequence) {
        return new TxIn(outPoint, Bytes.EMPTY, sequence, List.of());
    }

    public TxIn withWitness(List<Bytes> newWitness) {
        return new TxIn(outPoint, scriptSig, sequence, newWitness);
    }

    /// The input without its witness, as it is read before the witnesses of all inputs follow.
    static TxIn readBase(WireReader in) throws DecodeException {
        return new TxIn(OutPoint.read(in), in.varBytes("scriptSig"), in.u32(), List.of());
    }

    static List<Bytes> readWitness(WireReader in) throws DecodeException {
        Bytes[] stack = new Bytes[in.count(1, "witness items")];
        for (int i = 0; i < stack.length; i++) {
            stack[i] = in.varBytes("a witness item");
        }
        return List.of(stack);
    }

    void writeBase(WireWriter out) {
        outPoint.write(out);
        out.varBytes(scriptSig).u32(sequence);
    }

    void writeWitness(WireWriter out) {
        out.compactSize(witness.size());
        witness.forEach(out::varBytes);
    }
}
