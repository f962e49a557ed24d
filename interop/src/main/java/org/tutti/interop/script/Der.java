package org.tutti.interop.script;

import org.tutti.interop.script.Argument.Writing;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;

/// ECDSA signatures in DER, and in what is no DER any more.
final class Der {
    private Der() {}

    /// @param type the byte behind the signature
    static byte[] write(BigInteger r, BigInteger s, Writing writing, int type) {
        byte[] first = r.toByteArray();
        if (writing == Writing.PADDED) {
            byte[] longer = new byte[first.length + 1];
            System.arraycopy(first, 0, longer, 1, first.length);
            first = longer;
        } else if (writing == Writing.NEGATIVE) {
            first =
                    first[0] == 0 && first.length > 1
                            ? Arrays.copyOfRange(first, 1, first.length)
                            : new byte[] {-1};
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        integer(body, first, writing == Writing.LONG_LENGTH);
        integer(body, s.toByteArray(), false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x30);
        out.write(body.size());
        out.writeBytes(body.toByteArray());
        if (writing == Writing.TRAILING) {
            out.write(7);
        }
        byte[] whole = out.toByteArray();
        if (writing == Writing.TRUNCATED) {
            whole = Arrays.copyOf(whole, whole.length / 2);
        }
        byte[] typed = Arrays.copyOf(whole, whole.length + 1);
        typed[whole.length] = (byte) type;
        return typed;
    }

    private static void integer(ByteArrayOutputStream out, byte[] bytes, boolean longLength) {
        out.write(2);
        if (longLength) {
            out.write(0x82);
            out.write(0);
        }
        out.write(bytes.length);
        out.writeBytes(bytes);
    }
}
