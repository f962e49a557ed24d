package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.security.MessageDigest;

/// What signatures before segwit sign: the transaction itself, in which the script that is run
/// stands in place of the input's own and the scripts of the other inputs are empty (Bitcoin Core
/// `CTransactionSignatureSerializer`).
///
/// Each signature hashes the whole transaction again: a rule of that time which nothing can change.
/// What is hashed lies ready in few long arrays, since hashing is then all that it costs.
final class LegacySighash implements EcdsaSighash {
    private static final int OUTPOINT_BYTES = 36;

    /// Outpoint, empty script, sequence.
    private static final int INPUT_BYTES = OUTPOINT_BYTES + 1 + 4;

    private final Transaction transaction;
    private final byte[] inputs;
    private final byte[] inputsOfAnySequence;
    private final byte[] outputs;

    LegacySighash(Transaction transaction) {
        this.transaction = transaction;
        inputs = inputs(transaction, true);
        inputsOfAnySequence = inputs(transaction, false);
        WireWriter out = new WireWriter().compactSize(transaction.outputs().size());
        transaction.outputs().forEach(output -> output.write(out));
        outputs = out.toArray();
    }

    private static byte[] inputs(Transaction transaction, boolean sequences) {
        WireWriter out = new WireWriter(INPUT_BYTES * transaction.inputs().size());
        for (TxIn input : transaction.inputs()) {
            input.outPoint().write(out);
            out.u8(0).u32(sequences ? input.sequence().value() : 0);
        }
        return out.toArray();
    }

    @Override
    public boolean signsOne(int inputIndex, int hashType) {
        return EcdsaSighash.isSingle(hashType) && inputIndex >= transaction.outputs().size();
    }

    @Override
    public MessageDigest started(int inputIndex, byte[] scriptCode, int hashType) {
        MessageDigest sha256 = ScriptHashes.sha256();
        sha256.update(new WireWriter(16).i32(transaction.version()).toArray());
        updateInputs(sha256, inputIndex, scriptCode, hashType);
        updateOutputs(sha256, inputIndex, hashType);
        sha256.update(new WireWriter(16).u32(transaction.lockTime().value()).toArray());
        return sha256;
    }

    private void updateInputs(
            MessageDigest sha256, int inputIndex, byte[] scriptCode, int hashType) {
        boolean alone = EcdsaSighash.isAnyoneCanPay(hashType);
        boolean anySequence = EcdsaSighash.isNone(hashType) || EcdsaSighash.isSingle(hashType);
        byte[] others = anySequence ? inputsOfAnySequence : inputs;
        int at = INPUT_BYTES * inputIndex;
        int count = alone ? 1 : transaction.inputs().size();
        sha256.update(new WireWriter(16).compactSize(count).toArray());
        if (!alone) {
            sha256.update(others, 0, at);
        }
        sha256.update(inputs, at, OUTPOINT_BYTES);
        sha256.update(withoutCodeSeparators(scriptCode));
        sha256.update(inputs, at + OUTPOINT_BYTES + 1, 4);
        if (!alone) {
            int next = at + INPUT_BYTES;
            sha256.update(others, next, others.length - next);
        }
    }

    private void updateOutputs(MessageDigest sha256, int inputIndex, int hashType) {
        if (EcdsaSighash.isNone(hashType)) {
            sha256.update((byte) 0);
        } else if (EcdsaSighash.isSingle(hashType)) {
            WireWriter out = new WireWriter(16 + 9 * inputIndex).compactSize(inputIndex + 1L);
            for (int i = 0; i < inputIndex; i++) {
                // An output that is nothing yet: Core's CTxOut().
                out.i64(-1).u8(0);
            }
            TxOut signed = transaction.outputs().get(inputIndex);
            signed.write(out);
            sha256.update(out.toArray());
        } else {
            sha256.update(outputs);
        }
    }

    /// The script with its length before it, as it would be without OP_CODESEPARATOR. Behind a push
    /// that announces more than there is, nothing is written, though the length counts it: the
    /// script fails there in any case.
    private static byte[] withoutCodeSeparators(byte[] script) {
        WireWriter kept = new WireWriter(script.length);
        ScriptReader reader = new ScriptReader(script);
        int separators = 0;
        int from = 0;
        while (reader.next()) {
            if (reader.opcode() == Opcode.OP_CODESEPARATOR) {
                separators++;
                kept.bytes(script, from, reader.position() - 1);
                from = reader.position();
            }
        }
        kept.bytes(script, from, reader.position());
        return new WireWriter(script.length + 16)
                .compactSize((long) script.length - separators)
                .bytes(kept.toArray())
                .toArray();
    }
}
