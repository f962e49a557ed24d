package org.tutti.bitcoin.address;

import org.tutti.base.Bytes;

import java.util.Arrays;
import java.util.Locale;

/// The checksummed base 32 of BIP173 (bech32) and BIP350 (bech32m).
///
/// @param hrp human-readable part, lower case
/// @param data values 0 to 31, without the checksum
/// @param encoding which of the two constants the checksum has
record Bech32(String hrp, Bytes data, Encoding encoding) {
    /// The two checksums, which differ in what they are xored with.
    enum Encoding {
        BECH32(1),
        BECH32M(0x2bc830a3);

        private final int constant;

        Encoding(int constant) {
            this.constant = constant;
        }
    }

    private static final String CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
    };
    private static final int CHECKSUM_LENGTH = 6;
    private static final int MAX_LENGTH = 90;

    static Bech32 decode(String text) throws AddressException {
        if (text.length() > MAX_LENGTH) {
            throw new AddressException("longer than " + MAX_LENGTH + " characters");
        }
        requirePrintableAndOneCase(text);
        String lower = text.toLowerCase(Locale.ROOT);
        int separator = lower.lastIndexOf('1');
        if (separator < 1 || separator + 1 + CHECKSUM_LENGTH > lower.length()) {
            throw new AddressException("no human-readable part, or no room for a checksum");
        }
        String hrp = lower.substring(0, separator);
        byte[] values = new byte[lower.length() - separator - 1];
        for (int i = 0; i < values.length; i++) {
            int value = CHARSET.indexOf(lower.charAt(separator + 1 + i));
            if (value < 0) {
                throw new AddressException("a character that bech32 does not use");
            }
            values[i] = (byte) value;
        }
        int residue = polymod(hrp, values);
        for (Encoding encoding : Encoding.values()) {
            if (residue == encoding.constant) {
                byte[] data = Arrays.copyOf(values, values.length - CHECKSUM_LENGTH);
                return new Bech32(hrp, Bytes.wrap(data), encoding);
            }
        }
        throw new AddressException("the checksum does not fit");
    }

    private static void requirePrintableAndOneCase(String text) throws AddressException {
        boolean lower = false;
        boolean upper = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 33 || c > 126) {
                throw new AddressException("a character outside printable ASCII");
            }
            lower |= c >= 'a' && c <= 'z';
            upper |= c >= 'A' && c <= 'Z';
        }
        // BIP173: "Decoders MUST NOT accept strings where some characters are uppercase and some
        // are lowercase".
        if (lower && upper) {
            throw new AddressException("upper and lower case mixed");
        }
    }

    String encode() {
        byte[] values = data.toArray();
        byte[] padded = Arrays.copyOf(values, values.length + CHECKSUM_LENGTH);
        int checksum = polymod(hrp, padded) ^ encoding.constant;
        StringBuilder text = new StringBuilder(hrp).append('1');
        for (byte value : values) {
            text.append(CHARSET.charAt(value));
        }
        for (int i = 0; i < CHECKSUM_LENGTH; i++) {
            text.append(CHARSET.charAt((checksum >>> (5 * (CHECKSUM_LENGTH - 1 - i))) & 31));
        }
        return text.toString();
    }

    private static int polymod(String hrp, byte[] values) {
        int residue = 1;
        for (int i = 0; i < hrp.length(); i++) {
            residue = step(residue, hrp.charAt(i) >> 5);
        }
        residue = step(residue, 0);
        for (int i = 0; i < hrp.length(); i++) {
            residue = step(residue, hrp.charAt(i) & 31);
        }
        for (byte value : values) {
            residue = step(residue, value);
        }
        return residue;
    }

    private static int step(int residue, int value) {
        int top = residue >>> 25;
        int next = (residue & 0x1ffffff) << 5 ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            if ((top >>> i & 1) != 0) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }
}
