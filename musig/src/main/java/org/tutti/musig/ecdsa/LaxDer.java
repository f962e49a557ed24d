package org.tutti.musig.ecdsa;

import java.util.Optional;

/// Reads a signature as OpenSSL once did, which blocks before BIP66 rely on (Bitcoin Core
/// `ecdsa_signature_parse_der_lax`): a sequence of two integers, where lengths may be longer than
/// needed, the length of the sequence and whatever follows s are not looked at, and an integer is
/// never negative.
///
/// Not thread-safe: one reader, one signature.
final class LaxDer {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int LONG_FORM = 0x80;
    private static final int SCALAR_BYTES = 32;

    private final byte[] data;
    private int position;

    private LaxDer(byte[] data) {
        this.data = data;
    }

    /// r and s, 32 bytes each, big-endian; both zero, which is valid for nothing, where one has
    /// more than 32 bytes.
    ///
    /// @return empty where that is no signature at all
    static Optional<byte[]> parse(byte[] data) {
        return new LaxDer(data).read();
    }

    private Optional<byte[]> read() {
        if (!tag(SEQUENCE) || !skipSequenceLength()) {
            return Optional.empty();
        }
        byte[] out = new byte[2 * SCALAR_BYTES];
        boolean fits = true;
        for (int at = 0; at < out.length; at += SCALAR_BYTES) {
            int length = tag(INTEGER) ? length() : -1;
            if (length < 0 || length > left()) {
                return Optional.empty();
            }
            fits &= copyInteger(length, out, at);
        }
        return Optional.of(fits ? out : new byte[out.length]);
    }

    private int left() {
        return data.length - position;
    }

    private boolean tag(int expected) {
        return left() > 0 && data[position++] == expected;
    }

    private boolean skipSequenceLength() {
        if (left() == 0) {
            return false;
        }
        int first = data[position++] & 0xff;
        int more = (first & LONG_FORM) == 0 ? 0 : first - LONG_FORM;
        if (more > left()) {
            return false;
        }
        position += more;
        return true;
    }

    /// The length of an integer, or -1.
    private int length() {
        if (left() == 0) {
            return -1;
        }
        int first = data[position++] & 0xff;
        if ((first & LONG_FORM) == 0) {
            return first;
        }
        int bytes = first - LONG_FORM;
        if (bytes > left()) {
            return -1;
        }
        while (bytes > 0 && data[position] == 0) {
            position++;
            bytes--;
        }
        if (bytes >= 4) {
            return -1;
        }
        int length = 0;
        for (; bytes > 0; bytes--) {
            length = (length << 8) + (data[position++] & 0xff);
        }
        return length;
    }

    /// Copies the integer without its leading zeros to the end of 32 bytes; false if it is longer.
    private boolean copyInteger(int length, byte[] out, int at) {
        int from = position;
        int end = position + length;
        position = end;
        while (from < end && data[from] == 0) {
            from++;
        }
        int bytes = end - from;
        if (bytes > SCALAR_BYTES) {
            return false;
        }
        System.arraycopy(data, from, out, at + SCALAR_BYTES - bytes, bytes);
        return true;
    }
}
