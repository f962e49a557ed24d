package org.tutti.libp2p.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/// An ECDSA signature as Bitcoin writes it: strict DER, `SEQUENCE { INTEGER r, INTEGER s }` (BIP
/// 66), both in [1, order).
record DerSignature(BigInteger r, BigInteger s) {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;

    /// Nothing unless the bytes are exactly one signature in strict DER.
    static Optional<DerSignature> parse(byte[] der, BigInteger order) {
        // Two integers of at most 33 bytes: every length fits one byte.
        if (der.length < 8 || der.length > 72 || der[0] != SEQUENCE || der[1] != der.length - 2) {
            return Optional.empty();
        }
        int lengthR = der[3];
        int atS = 4 + lengthR;
        if (lengthR < 1 || atS + 2 > der.length) {
            return Optional.empty();
        }
        int lengthS = der[atS + 1];
        if (lengthS < 1 || atS + 2 + lengthS != der.length) {
            return Optional.empty();
        }
        return integer(der, 2, lengthR, order)
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

    byte[] encode() {
        byte[] first = r.toByteArray();
        byte[] second = s.toByteArray();
        byte[] out = new byte[6 + first.length + second.length];
        out[0] = SEQUENCE;
        out[1] = (byte) (out.length - 2);
        out[2] = INTEGER;
        out[3] = (byte) first.length;
        System.arraycopy(first, 0, out, 4, first.length);
        out[4 + first.length] = INTEGER;
        out[5 + first.length] = (byte) second.length;
        System.arraycopy(second, 0, out, 6 + first.length, second.length);
        return out;
    }
}
