package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Reads scripts as Core's test files write them (`ParseScript` in `core_read.cpp`): numbers,
/// opcode names, `0x` raw bytes, `'text'` pushes.
final class CoreAssembler {
    private static final Map<String, Integer> OPCODES = opcodes();

    private CoreAssembler() {}

    static Bytes assemble(String text) {
        WireWriter out = new WireWriter();
        for (String word : text.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                append(out, word);
            }
        }
        return out.toBytes();
    }

    private static void append(WireWriter out, String word) {
        if (word.matches("-?[0-9]+")) {
            pushNumber(out, Long.parseLong(word));
        } else if (word.startsWith("0x")) {
            out.bytes(Bytes.fromHex(word.substring(2)));
        } else if (word.startsWith("'")) {
            String quoted = word.substring(1, word.length() - 1);
            push(out, Bytes.wrap(quoted.getBytes(StandardCharsets.UTF_8)));
        } else {
            Integer opcode = OPCODES.get(word.startsWith("OP_") ? word.substring(3) : word);
            if (opcode == null) {
                throw new IllegalArgumentException("unknown word " + word);
            }
            out.u8(opcode);
        }
    }

    private static void pushNumber(WireWriter out, long number) {
        if (number == 0) {
            out.u8(0);
        } else if (number == -1 || (number >= 1 && number <= 16)) {
            out.u8((int) (0x50 + number));
        } else {
            push(out, number(number));
        }
    }

    /// A script number: little-endian magnitude with the sign in the highest bit.
    private static Bytes number(long number) {
        byte[] magnitude = BigInteger.valueOf(Math.abs(number)).toByteArray();
        byte[] little = Bytes.wrap(magnitude).reversed().toArray();
        // BigInteger leads with a zero byte exactly where the sign bit needs one.
        if (number < 0) {
            little[little.length - 1] |= (byte) 0x80;
        }
        return Bytes.wrap(little);
    }

    private static void push(WireWriter out, Bytes data) {
        int length = data.length();
        if (length < 76) {
            out.u8(length);
        } else if (length < 256) {
            out.u8(76).u8(length);
        } else {
            out.u8(77).u16(length);
        }
        out.bytes(data);
    }

    private static Map<String, Integer> opcodes() {
        Map<String, Integer> opcodes = new HashMap<>();
        number(
                opcodes,
                0x61,
                "NOP VER IF NOTIF VERIF VERNOTIF ELSE ENDIF VERIFY RETURN TOALTSTACK FROMALTSTACK 2DROP 2DUP"
                        + " 3DUP 2OVER 2ROT 2SWAP IFDUP DEPTH DROP DUP NIP OVER PICK ROLL ROT SWAP TUCK CAT"
                        + " SUBSTR LEFT RIGHT SIZE INVERT AND OR XOR EQUAL EQUALVERIFY RESERVED1 RESERVED2 1ADD"
                        + " 1SUB 2MUL 2DIV NEGATE ABS NOT 0NOTEQUAL ADD SUB MUL DIV MOD LSHIFT RSHIFT BOOLAND"
                        + " BOOLOR NUMEQUAL NUMEQUALVERIFY NUMNOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUAL"
                        + " GREATERTHANOREQUAL MIN MAX WITHIN RIPEMD160 SHA1 SHA256 HASH160 HASH256"
                        + " CODESEPARATOR CHECKSIG CHECKSIGVERIFY CHECKMULTISIG CHECKMULTISIGVERIFY NOP1"
                        + " CHECKLOCKTIMEVERIFY CHECKSEQUENCEVERIFY NOP4 NOP5 NOP6 NOP7 NOP8 NOP9 NOP10"
                        + " CHECKSIGADD");
        opcodes.put("RESERVED", 0x50);
        opcodes.put("NOP2", opcodes.get("CHECKLOCKTIMEVERIFY"));
        opcodes.put("NOP3", opcodes.get("CHECKSEQUENCEVERIFY"));
        return opcodes;
    }

    private static void number(Map<String, Integer> opcodes, int first, String names) {
        int next = first;
        for (String name : names.split(" ", -1)) {
            opcodes.put(name, next++);
        }
    }
}
