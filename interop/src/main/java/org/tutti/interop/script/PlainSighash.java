package org.tutti.interop.script;

import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.util.List;
import java.util.function.BiConsumer;

/// What ECDSA signatures sign, written down once more, as plainly as the rules are: the cases must
/// not be signed with the very code that they try.
final class PlainSighash {
    private PlainSighash() {}

    /// Before segwit.
    static byte[] legacy(Shape shape, byte[] scriptCode, int hashType) {
        Transaction tx = shape.transaction();
        int type = hashType & 0x1f;
        boolean alone = (hashType & 0x80) != 0;
        if (type == 3 && shape.input() >= tx.outputs().size()) {
            byte[] one = new byte[32];
            one[0] = 1;
            return one;
        }
        WireWriter out = new WireWriter().i32(tx.version());
        out.compactSize(alone ? 1 : tx.inputs().size());
        for (int i = 0; i < tx.inputs().size(); i++) {
            boolean own = i == shape.input();
            if (own || !alone) {
                TxIn input = tx.inputs().get(i);
                input.outPoint().write(out);
                byte[] script = own ? withoutSeparators(scriptCode) : new byte[0];
                out.compactSize(script.length).bytes(script);
                boolean any = !own && (type == 2 || type == 3);
                out.u32(any ? 0 : input.sequence().value());
            }
        }
        int outputs = type == 2 ? 0 : type == 3 ? shape.input() + 1 : tx.outputs().size();
        out.compactSize(outputs);
        for (int i = 0; i < outputs; i++) {
            if (type == 3 && i < shape.input()) {
                out.i64(-1).u8(0);
            } else {
                tx.outputs().get(i).write(out);
            }
        }
        out.u32(tx.lockTime().value()).i32(hashType);
        return Sha256.twice(out.toArray());
    }

    /// A well-formed script without its OP_CODESEPARATORs.
    private static byte[] withoutSeparators(byte[] script) {
        WireWriter out = new WireWriter();
        int at = 0;
        while (at < script.length) {
            int next = Math.min(script.length, at + instructionLength(script, at));
            if ((script[at] & 0xff) != Opcode.OP_CODESEPARATOR) {
                out.bytes(script, at, next);
            }
            at = next;
        }
        return out.toArray();
    }

    private static int instructionLength(byte[] script, int at) {
        int opcode = script[at] & 0xff;
        if (opcode > Opcode.OP_PUSHDATA4) {
            return 1;
        }
        if (opcode < Opcode.OP_PUSHDATA1) {
            return 1 + opcode;
        }
        int bytes = 1 << (opcode - Opcode.OP_PUSHDATA1);
        int length = 0;
        for (int i = Math.min(bytes, script.length - at - 1); i > 0; i--) {
            length = length << 8 | (script[at + i] & 0xff);
        }
        return 1 + bytes + Math.min(Math.abs(length), script.length);
    }

    /// BIP143.
    static byte[] witnessV0(Shape shape, byte[] scriptCode, int hashType) {
        Transaction tx = shape.transaction();
        int type = hashType & 0x1f;
        boolean alone = (hashType & 0x80) != 0;
        boolean all = type != 2 && type != 3;
        byte[] zero = new byte[32];
        WireWriter out = new WireWriter().i32(tx.version());
        out.bytes(alone ? zero : twice(tx.inputs(), (i, w) -> i.outPoint().write(w)));
        out.bytes(alone || !all ? zero : twice(tx.inputs(), (i, w) -> w.u32(i.sequence().value())));
        shape.txIn().outPoint().write(out);
        out.compactSize(scriptCode.length).bytes(scriptCode);
        out.i64(shape.spent().get(shape.input()).value().value());
        out.u32(shape.txIn().sequence().value());
        if (all) {
            out.bytes(twice(tx.outputs(), TxOut::write));
        } else if (type == 3 && shape.input() < tx.outputs().size()) {
            out.bytes(twice(List.of(tx.outputs().get(shape.input())), TxOut::write));
        } else {
            out.bytes(zero);
        }
        out.u32(tx.lockTime().value()).i32(hashType);
        return Sha256.twice(out.toArray());
    }

    private static <T> byte[] twice(List<T> items, BiConsumer<T, WireWriter> write) {
        WireWriter out = new WireWriter();
        for (T item : items) {
            write.accept(item, out);
        }
        return Sha256.twice(out.toArray());
    }
}
