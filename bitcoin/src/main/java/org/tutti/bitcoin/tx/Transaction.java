package org.tutti.bitcoin.tx;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.units.Weight;

import java.util.ArrayList;
import java.util.List;

/// A transaction, with or without witnesses (BIP144).
///
/// A value, not a verdict: it can be written down and named, and says nothing about whether the
/// network would take it.
///
/// @param version signed 32 bits; 2 in all that we make (BIP68)
/// @param lockTime height or time from which on it may be mined
public record Transaction(int version, List<TxIn> inputs, List<TxOut> outputs, LockTime lockTime) {
    /// The most bytes that are read as one transaction: what a block can weigh.
    public static final int MAX_BYTES = 4_000_000;

    private static final int SEGWIT_MARKER = 0;
    private static final int SEGWIT_FLAG = 1;

    public Transaction {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// Reads exactly one transaction in the form of BIP144 and nothing after it.
    public static Transaction parse(Bytes bytes) throws DecodeException {
        WireReader in = bounded(bytes);
        Transaction transaction = read(in);
        in.requireEnd();
        return transaction;
    }

    /// Reads exactly one transaction in the form that has no witness: what a signing request
    /// carries. The marker of BIP144 is not known here; where one stands, it is read as "no inputs"
    /// and what follows does not fit.
    public static Transaction parseWithoutWitness(Bytes bytes) throws DecodeException {
        WireReader in = bounded(bytes);
        int version = in.i32();
        Transaction transaction =
                new Transaction(version, readInputs(in), readOutputs(in), LockTime.of(in.u32()));
        in.requireEnd();
        return transaction;
    }

    private static WireReader bounded(Bytes bytes) throws DecodeException {
        if (bytes.length() > MAX_BYTES) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    "transaction of " + bytes.length() + " bytes, at most " + MAX_BYTES);
        }
        return new WireReader(bytes);
    }

    /// Reads one transaction in the form of BIP144 and leaves what follows: a block has more.
    public static Transaction read(WireReader in) throws DecodeException {
        int version = in.i32();
        // BIP144: "The marker MUST be a 1-byte zero value". No transaction has zero inputs, so it
        // is unambiguous.
        if (in.peekU8() != SEGWIT_MARKER) {
            return new Transaction(version, readInputs(in), readOutputs(in), LockTime.of(in.u32()));
        }
        in.u8();
        int flag = in.u8();
        // BIP144: "The flag MUST be a 1-byte non-zero value. Currently, 0x01 MUST be used."
        if (flag != SEGWIT_FLAG) {
            throw new DecodeException(
                    DecodeException.Code.BAD_VALUE, "no inputs, or segwit flag " + flag);
        }
        List<TxIn> inputs = readInputs(in);
        List<TxOut> outputs = readOutputs(in);
        List<TxIn> signed = readWitnesses(in, inputs);
        return new Transaction(version, signed, outputs, LockTime.of(in.u32()));
    }

    private static List<TxIn> readInputs(WireReader in) throws DecodeException {
        int count = in.count(TxIn.LEAST_BYTES, "inputs");
        List<TxIn> inputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            inputs.add(TxIn.readBase(in));
        }
        return inputs;
    }

    private static List<TxOut> readOutputs(WireReader in) throws DecodeException {
        int count = in.count(TxOut.LEAST_BYTES, "outputs");
        List<TxOut> outputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            outputs.add(TxOut.read(in));
        }
        return outputs;
    }

    private static List<TxIn> readWitnesses(WireReader in, List<TxIn> inputs)
            throws DecodeException {
        List<TxIn> signed = new ArrayList<>(inputs.size());
        boolean any = false;
        for (TxIn input : inputs) {
            List<Bytes> witness = TxIn.readWitness(in);
            any |= !witness.isEmpty();
            signed.add(input.withWitness(witness));
        }
        // BIP144: "If the witness is empty, the old serialization format must be used." One
        // transaction, one form.
        if (!any) {
            throw new DecodeException(
                    DecodeException.Code.BAD_VALUE, "segwit form without any witness");
        }
        return signed;
    }

    /// The bytes that go over the wire and into a block: with the witnesses where there are any.
    public Bytes serialize() {
        WireWriter out = new WireWriter();
        write(out);
        return out.toBytes();
    }

    /// How many bytes [#serialize] makes.
    public int serializedLength() {
        int length = 4 + 4;
        length += WireWriter.compactSizeLength(inputs.size());
        length += WireWriter.compactSizeLength(outputs.size());
        boolean segwit = hasWitness();
        length += segwit ? 2 : 0;
        for (TxIn input : inputs) {
            length += input.baseSize() + (segwit ? input.witnessSize() : 0);
        }
        for (TxOut output : outputs) {
            length += output.size();
        }
        return length;
    }

    /// The bytes that the txid hashes, and that a signing request carries.
    public Bytes serializeWithoutWitness() {
        WireWriter out = new WireWriter();
        out.i32(version);
        writeInputsAndOutputs(out);
        return out.u32(lockTime.value()).toBytes();
    }

    public void write(WireWriter out) {
        out.i32(version);
        boolean segwit = hasWitness();
        if (segwit) {
            out.u8(SEGWIT_MARKER).u8(SEGWIT_FLAG);
        }
        writeInputsAndOutputs(out);
        if (segwit) {
            inputs.forEach(input -> input.writeWitness(out));
        }
        out.u32(lockTime.value());
    }

    private void writeInputsAndOutputs(WireWriter out) {
        out.compactSize(inputs.size());
        inputs.forEach(input -> input.writeBase(out));
        out.compactSize(outputs.size());
        outputs.forEach(output -> output.write(out));
    }

    /// The transaction's name, which no signature changes. Computed at each call.
    public Txid txid() {
        return Txid.hashOf(serializeWithoutWitness().toArray());
    }

    /// The name that covers the witnesses too (BIP141).
    public Wtxid wtxid() {
        return Wtxid.hashOf(serialize().toArray());
    }

    public Weight weight() {
        return Weight.of(serializeWithoutWitness().length(), serialize().length());
    }

    public boolean hasWitness() {
        return inputs.stream().anyMatch(input -> !input.witness().isEmpty());
    }

    /// Whether this is the transaction that pays a miner: one input, which spends nothing.
    public boolean isCoinbase() {
        return inputs.size() == 1 && inputs.getFirst().outPoint().equals(OutPoint.COINBASE);
    }

    /// The same transaction with the witness of one input put in.
    ///
    /// @throws IndexOutOfBoundsException if there is no such input
    public Transaction withWitness(int inputIndex, List<Bytes> witness) {
        List<TxIn> changed = new ArrayList<>(inputs);
        changed.set(inputIndex, inputs.get(inputIndex).withWitness(witness));
        return new Transaction(version, changed, outputs, lockTime);
    }
}
