package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.Opcode;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/// A script that is being written, instruction by instruction.
final class ScriptText {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int instructions;

    ScriptText op(int... opcodes) {
        for (int opcode : opcodes) {
            out.write(opcode);
            instructions++;
        }
        return this;
    }

    /// By the shortest instruction, number opcodes included.
    ScriptText push(byte[] data) {
        if (data.length == 1 && data[0] >= 1 && data[0] <= 16) {
            return op(Opcode.OP_1 + data[0] - 1);
        }
        if (data.length == 1 && data[0] == (byte) 0x81) {
            return op(Opcode.OP_1NEGATE);
        }
        return pushWith(lengthOpcode(data.length), data);
    }

    /// By an instruction with a length, as `CScript() << data` in Core.
    ScriptText pushBytes(byte[] data) {
        return pushWith(lengthOpcode(data.length), data);
    }

    private static int lengthOpcode(int length) {
        return length < Opcode.OP_PUSHDATA1
                ? length
                : length <= 0xff
                        ? Opcode.OP_PUSHDATA1
                        : length <= 0xffff ? Opcode.OP_PUSHDATA2 : Opcode.OP_PUSHDATA4;
    }

    /// By this opcode: the length itself, or one of the OP_PUSHDATAs.
    ScriptText pushWith(int opcode, byte[] data) {
        op(opcode);
        int lengthBytes = opcode < Opcode.OP_PUSHDATA1 ? 0 : 1 << (opcode - Opcode.OP_PUSHDATA1);
        for (int i = 0; i < lengthBytes; i++) {
            out.write(data.length >>> (8 * i));
        }
        out.writeBytes(data);
        return this;
    }

    ScriptText number(long number) {
        return push(encode(number));
    }

    ScriptText raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /// Little-endian, with a sign bit; zero has no bytes.
    static byte[] encode(long number) {
        if (number == 0) {
            return new byte[0];
        }
        // BigInteger leads with a zero byte exactly where the sign bit needs one.
        byte[] big = BigInteger.valueOf(Math.abs(number)).toByteArray();
        byte[] little = new byte[big.length];
        for (int i = 0; i < big.length; i++) {
            little[i] = big[big.length - 1 - i];
        }
        if (number < 0) {
            little[little.length - 1] |= (byte) 0x80;
        }
        return little;
    }

    int size() {
        return out.size();
    }

    /// How many instructions were written before.
    int instructions() {
        return instructions;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
