package org.tutti.libp2p.identity;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/// An ECDSA signature in strict DER, `SEQUENCE { INTEGER r, INTEGER s }` with every length and
/// integer in its shortest form (ITU-T X.690 section 10, for Bitcoin BIP 66), both in [1, order).
record DerSignature(BigInteger r, BigInteger s) {
    private static final byte SEQUENCE = 0x30;
    private static final byte INTEGER = 0x02;

    /// Says that one byte of length follows; needed from 128 bytes on, which only P-521 reaches.
    private static final byte LONG_FORM = (byte) 0x81;

    /// Two integers of 67 bytes with their heads, and the head of the sequence.
    private static final int MAX_LENGTH = 141;

    /// Nothing unless the bytes are exactly one signature in strict DER.
    static Optional<DerSignature> parse(byte[] der, BigInteger order) {
        if (der.length < 8 || der.length > MAX_LENGTH || der[0] != SEQUENCE) {
            return Optional.empty();
        }
        boolean longForm = der[1] == LONG_FORM;
        int atR = longForm ? 3 : 2;
        int length = longForm ? der[2] & 0xff : der[1];
        if (length != der.length - atR || (longForm && length < 0x80)) {
            return Optional.empty();
        }
        int lengthR = der[atR + 1];
        int atS = atR + 2 + lengthR;
        if (lengthR < 1 || atS + 2 > der.length) {
            return Optional.empty();
        }
        int lengthS = der[atS + 1];
        if (lengthS < 1 || atS + 2 + lengthS != der.length) {
            return Optional.empty();
        }
        return integer(der, atR, lengthR, order)
                .flatMap(r -> integer(der, atS, lengthS, order).map(s -> new DerSignature(r, s)));
    }

    private static Optional<BigInteger> integer(byte[] der, int at, int length, BigInteger order) {
        boolean negative = der[at + 2] < 0;
        boolean padded = length > 1 && der[at + 2] == 0 && der[at + 3] >= 0;
        if (der[at] != INTEGER || negative || padded) {
            return Optional.empty();
        }
        BigInteger value = new BigInteger(1, Arrays.copyOfRange(der, at + 2, at + 2 + length));
        return value.signum() > 0 && value.compareTo(order) < 0
                ? Optional.of(value)
                : Optional.empty();
    }

    /// What [#parse] reads.
    byte[] encode() {
        byte[] first = r.toByteArray();
        byte[] second = s.toByteArray();
        int length = 4 + first.length + second.length;
        ByteBuffer out = ByteBuffer.allocate(length + (length < 0x80 ? 2 : 3)).put(SEQUENCE);
        if (length >= 0x80) {
            out.put(LONG_FORM);
        }
        out.put((byte) length);
        out.put(INTEGER).put((byte) first.length).put(first);
        out.put(INTEGER).put((byte) second.length).put(second);
        return out.array();
    }
}
