package org.tutti.libp2p.multiformats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// Unsigned variable-length integers (multiformats/unsigned-varint): seven bits a byte, least
/// significant first, the high bit set on all but the last; at most nine bytes, 63 bits.
public final class Varint {
    /// unsigned-varint: "must be limited to 9 bytes (63 bits)".
    public static final int MAX_BYTES = 9;

    private Varint() {}

    /// How many bytes `value` takes.
    public static int size(long value) {
        requireUnsigned(value);
        return value == 0 ? 1 : (63 - Long.numberOfLeadingZeros(value)) / 7 + 1;
    }

    public static byte[] encode(long value) {
        byte[] out = new byte[size(value)];
        put(value, out, 0);
        return out;
    }

    /// Writes `value` to `target` from `offset` on.
    ///
    /// @return the offset behind it
    public static int put(long value, byte[] target, int offset) {
        requireUnsigned(value);
        long rest = value;
        int at = offset;
        while (rest > 0x7f) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[at++] = (byte) rest;
        return at;
    }

    /// Takes one varint from the buffer.
    ///
    /// @throws MultiformatException if it is cut short, longer than nine bytes, or not minimal
    public static long get(ByteBuffer in) {
        long value = 0;
        try {
            for (int shift = 0; shift < 7 * MAX_BYTES; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    // unsigned-varint: "implementations MUST … use the minimal encoding".
                    if (next == 0 && shift > 0) {
                        throw malformed("varint is not minimally encoded");
                    }
                    return value;
                }
            }
        } catch (BufferUnderflowException e) {
            throw malformed("varint is cut short");
        }
        throw malformed("varint has more than " + MAX_BYTES + " bytes");
    }

    private static void requireUnsigned(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative: " + value);
        }
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.VARINT, message);
    }
}
