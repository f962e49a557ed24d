package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.codec.WireWriter;

import java.util.Arrays;

/// What Core does to scripts with bytes alone: pushes as `CScript() << bytes` writes them, and
/// `FindAndDelete`.
final class ScriptEdits {
    private ScriptEdits() {}

    /// The instruction that pushes these bytes: with a length, even where OP_1 would be shorter.
    static byte[] push(byte[] data) {
        int length = data.length;
        WireWriter out = new WireWriter(length + 5);
        if (length < Opcode.OP_PUSHDATA1) {
            out.u8(length);
        } else if (length <= 0xff) {
            out.u8(Opcode.OP_PUSHDATA1).u8(length);
        } else if (length <= 0xffff) {
            out.u8(Opcode.OP_PUSHDATA2).u16(length);
        } else {
            out.u8(Opcode.OP_PUSHDATA4).u32(length);
        }
        return out.bytes(data).toArray();
    }

    /// The script without `part` wherever an instruction starts with it; the same array where it
    /// does nowhere. What follows a part that was found is looked at as the start of an instruction
    /// too.
    static byte[] delete(byte[] script, byte[] part) {
        WireWriter kept = new WireWriter(script.length);
        ScriptReader reader = new ScriptReader(script);
        boolean found = false;
        int from = 0;
        do {
            kept.bytes(script, from, reader.position());
            int at = reader.position();
            while (startsWith(script, at, part)) {
                at += part.length;
                found = true;
            }
            reader.skipTo(at);
            from = at;
        } while (reader.next());
        return found ? kept.bytes(script, from, script.length).toArray() : script;
    }

    private static boolean startsWith(byte[] script, int at, byte[] part) {
        return part.length <= script.length - at
                && Arrays.equals(script, at, at + part.length, part, 0, part.length);
    }
}
