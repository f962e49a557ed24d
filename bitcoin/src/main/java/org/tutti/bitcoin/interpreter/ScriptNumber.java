package org.tutti.bitcoin.interpreter;

import java.util.Arrays;

/// Numbers on the stack: little-endian, with the sign in the highest bit of the last byte; zero has
/// no bytes (Bitcoin Core `CScriptNum`).
final class ScriptNumber {
    /// The most bytes of an operand. Results may be one longer; then no opcode takes them as a
    /// number.
    static final int OPERAND_BYTES = 4;

    /// The most bytes of a lock time: up to 2^32 - 1 is needed (BIP65, BIP112).
    static final int LOCK_TIME_BYTES = 5;

    private ScriptNumber() {}

    /// @param minimal refuse any form longer than needed
    /// @throws ScriptException SCRIPTNUM
    static long decode(byte[] bytes, int mostBytes, boolean minimal) throws ScriptException {
        if (bytes.length > mostBytes || (minimal && !isMinimal(bytes))) {
            throw new ScriptException(ScriptError.SCRIPTNUM);
        }
        if (bytes.length == 0) {
            return 0;
        }
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        long sign = 1L << (8 * bytes.length - 1);
        return (value & sign) == 0 ? value : -(value & ~sign);
    }

    private static boolean isMinimal(byte[] bytes) {
        if (bytes.length == 0) {
            return true;
        }
        // Without anything but the sign, the last byte is there only if the one before it needs all
        // of its bits.
        boolean signAlone = (bytes[bytes.length - 1] & 0x7f) == 0;
        return !signAlone || (bytes.length > 1 && bytes[bytes.length - 2] < 0);
    }

    static byte[] encode(long value) {
        byte[] out = new byte[Long.BYTES + 1];
        int length = 0;
        for (long rest = Math.abs(value); rest != 0; rest >>>= 8) {
            out[length++] = (byte) rest;
        }
        if (length > 0) {
            if (out[length - 1] < 0) {
                length++;
            }
            if (value < 0) {
                out[length - 1] |= (byte) 0x80;
            }
        }
        return Arrays.copyOf(out, length);
    }
}
