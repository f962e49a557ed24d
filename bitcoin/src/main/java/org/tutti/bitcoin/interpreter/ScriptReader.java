package org.tutti.bitcoin.interpreter;

import java.util.Arrays;

/// Walks over a script, one instruction at a time (Bitcoin Core `GetScriptOp`). Nothing is copied
/// until [#data] asks for it.
///
/// Not thread-safe: one reader, one walk.
final class ScriptReader {
    private final byte[] script;
    private int position;
    private int opcode;
    private int dataLength;

    ScriptReader(byte[] script) {
        this.script = script;
    }

    boolean atEnd() {
        return position == script.length;
    }

    /// Where the next instruction starts.
    int position() {
        return position;
    }

    /// Goes on to where another instruction starts.
    void skipTo(int start) {
        position = start;
    }

    /// Reads one instruction: false at the end, or if a push announces more bytes than there are.
    /// Then the position is behind what was read of it: the opcode and the length, as in Core.
    boolean next() {
        dataLength = 0;
        if (atEnd()) {
            return false;
        }
        opcode = script[position++] & 0xff;
        if (opcode > Opcode.OP_PUSHDATA4) {
            return true;
        }
        long length = opcode;
        if (opcode >= Opcode.OP_PUSHDATA1) {
            int lengthBytes = 1 << (opcode - Opcode.OP_PUSHDATA1);
            if (lengthBytes > script.length - position) {
                return false;
            }
            length = littleEndian(lengthBytes);
            position += lengthBytes;
        }
        if (length > script.length - position) {
            return false;
        }
        dataLength = (int) length;
        position += dataLength;
        return true;
    }

    private long littleEndian(int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | (script[position + i] & 0xff);
        }
        return value;
    }

    /// The opcode of the instruction that was read, 0 to 255.
    int opcode() {
        return opcode;
    }

    /// How many bytes the instruction pushes.
    int dataLength() {
        return dataLength;
    }

    /// The bytes that the instruction pushes, in a fresh array.
    byte[] data() {
        return Arrays.copyOfRange(script, position - dataLength, position);
    }

    /// Whether the script consists of pushes alone (Core `CScript::IsPushOnly`).
    static boolean isPushOnly(byte[] script) {
        ScriptReader reader = new ScriptReader(script);
        while (!reader.atEnd()) {
            if (!reader.next() || reader.opcode > Opcode.OP_16) {
                return false;
            }
        }
        return true;
    }
}
