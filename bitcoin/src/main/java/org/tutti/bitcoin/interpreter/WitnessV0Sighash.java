package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.security.MessageDigest;
import java.util.List;
import java.util.function.BiConsumer;

/// What signatures of version 0 witness programs sign (BIP143). What all inputs share is hashed
/// once.
final class WitnessV0Sighash implements EcdsaSighash {
    private static final byte[] NOTHING = new byte[32];

    private final Transaction transaction;
    private final List<TxOut> prevouts;
    private final byte[] hashPrevouts;
    private final byte[] hashSequence;
    private final byte[] hashOutputs;

    WitnessV0Sighash(Transaction transaction, List<TxOut> prevouts) {
        this.transaction = transaction;
        this.prevouts = prevouts;
        hashPrevouts = hash(transaction.inputs(), (in, out) -> in.outPoint().write(out));
        hashSequence = hash(transaction.inputs(), (in, out) -> out.u32(in.sequence().value()));
        hashOutputs = hash(transaction.outputs(), TxOut::write);
    }

    private static <T> byte[] hash(List<T> items, BiConsumer<T, WireWriter> write) {
        WireWriter out = new WireWriter(64 * items.size());
        for (T item : items) {
            write.accept(item, out);
        }
        return Sha256.twice(out.toArray());
    }

    @Override
    public boolean signsOne(int inputIndex, int hashType) {
        return false;
    }

    @Override
    public MessageDigest started(int inputIndex, byte[] scriptCode, int hashType) {
        boolean alone = EcdsaSighash.isAnyoneCanPay(hashType);
        boolean all = !EcdsaSighash.isNone(hashType) && !EcdsaSighash.isSingle(hashType);
        TxIn input = transaction.inputs().get(inputIndex);
        WireWriter out = new WireWriter(256 + scriptCode.length);
        out.i32(transaction.version());
        out.bytes(alone ? NOTHING : hashPrevouts);
        out.bytes(alone || !all ? NOTHING : hashSequence);
        input.outPoint().write(out);
        out.compactSize(scriptCode.length).bytes(scriptCode);
        out.i64(prevouts.get(inputIndex).value().value());
        out.u32(input.sequence().value());
        out.bytes(outputsHash(inputIndex, hashType, all));
        out.u32(transaction.lockTime().value());
        MessageDigest sha256 = ScriptHashes.sha256();
        sha256.update(out.toArray());
        return sha256;
    }

    private byte[] outputsHash(int inputIndex, int hashType, boolean all) {
        if (all) {
            return hashOutputs;
        }
        return EcdsaSighash.isSingle(hashType) && inputIndex < transaction.outputs().size()
                ? hash(List.of(transaction.outputs().get(inputIndex)), TxOut::write)
                : NOTHING;
    }
}
