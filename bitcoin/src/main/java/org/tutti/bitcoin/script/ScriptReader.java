package org.tutti.bitcoin.script;

import org.tutti.base.Bytes;

/// Reads a script opcode by opcode (Bitcoin Core, `GetScriptOp`). Mutable.
public final class ScriptReader {
    private static final int OP_PUSHDATA1 = 0x4c;
    private static final int OP_PUSHDATA2 = 0x4d;
    private static final int OP_PUSHDATA4 = 0x4e;
    private static final int OP_CHECKSIG = 0xac;
    private static final int OP_CHECKSIGVERIFY = 0xad;
    private static final int OP_CHECKMULTISIG = 0xae;
    private static final int OP_CHECKMULTISIGVERIFY = 0xaf;
    private static final int MAX_PUBKEYS_PER_MULTISIG = 20;

    private final Bytes code;
    private int at;
    private int opcode;
    private Bytes data = Bytes.EMPTY;

    public ScriptReader(Script script) {
        this.code = script.bytes();
    }

    /// Goes on to the next opcode.
    ///
    /// @return false at the end, and where a push is longer than the rest of the script
    public boolean next() {
        if (at >= code.length()) {
            return false;
        }
        opcode = u8(at++);
        data = Bytes.EMPTY;
        if (opcode > OP_PUSHDATA4) {
            return true;
        }
        int lengthBytes =
                switch (opcode) {
                    case OP_PUSHDATA1 -> 1;
                    case OP_PUSHDATA2 -> 2;
                    case OP_PUSHDATA4 -> 4;
                    default -> 0;
                };
        if (code.length() - at < lengthBytes) {
            at = code.length();
            return false;
        }
        long length = lengthBytes == 0 ? opcode : 0;
        for (int i = 0; i < lengthBytes; i++) {
            length |= (long) u8(at++) << (8 * i);
        }
        if (length > code.length() - at) {
            at = code.length();
            return false;
        }
        data = code.slice(at, at + (int) length);
        at += (int) length;
        return true;
    }

    private int u8(int index) {
        return code.get(index) & 0xff;
    }

    /// The opcode, 0 to 255.
    public int opcode() {
        return opcode;
    }

    /// What it pushes, for the opcodes that have bytes behind them.
    public Bytes data() {
        return data;
    }

    /// Signature operations of a script as blocks count them (Bitcoin Core,
    /// `GetSigOpCount(false)`): as many for each CHECKMULTISIG as it can have keys.
    public static int signatureOperations(Script script) {
        ScriptReader reader = new ScriptReader(script);
        int count = 0;
        while (reader.next()) {
            count +=
                    switch (reader.opcode()) {
                        case OP_CHECKSIG, OP_CHECKSIGVERIFY -> 1;
                        case OP_CHECKMULTISIG, OP_CHECKMULTISIGVERIFY -> MAX_PUBKEYS_PER_MULTISIG;
                        default -> 0;
                    };
        }
        return count;
    }
}
