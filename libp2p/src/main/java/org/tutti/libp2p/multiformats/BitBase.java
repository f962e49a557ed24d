package org.tutti.libp2p.multiformats;

import java.util.Arrays;

/// A base whose digits stand for a whole number of bits (RFC 4648 and its relatives: 2, 8, 16, 32,
/// 64), most significant bit first.
///
/// Decoding is strict: leftover bits must be zero and no digit may be superfluous, so that there is
/// one text for each value (upper and lower case apart, where the base allows both).
final class BitBase {
    private final char[] digits;
    private final byte[] values = new byte[128];
    private final int bits;
    private final int padTo;

    /// @param padTo pad with '=' to a multiple of so many digits; 0 for none
    BitBase(String alphabet, int padTo, boolean ignoreCase) {
        digits = alphabet.toCharArray();
        bits = Integer.numberOfTrailingZeros(digits.length);
        this.padTo = padTo;
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < digits.length; i++) {
            values[digits[i]] = (byte) i;
            if (ignoreCase) {
                values[Character.toLowerCase(digits[i])] = (byte) i;
                values[Character.toUpperCase(digits[i])] = (byte) i;
            }
        }
    }

    String encode(byte[] input) {
        StringBuilder text = new StringBuilder((input.length * 8 + bits - 1) / bits + padTo);
        int held = 0;
        int count = 0;
        for (byte b : input) {
            held = (held << 8 | (b & 0xff)) & 0xffff;
            count += 8;
            while (count >= bits) {
                count -= bits;
                text.append(digits[held >>> count & (digits.length - 1)]);
            }
        }
        if (count > 0) {
            text.append(digits[held << (bits - count) & (digits.length - 1)]);
        }
        while (padTo > 0 && text.length() % padTo != 0) {
            text.append('=');
        }
        return text.toString();
    }

    byte[] decode(CharSequence text) {
        return decode(text, true);
    }

    /// @param strict refuse leftover bits that are not zero
    byte[] decode(CharSequence text, boolean strict) {
        int end = withoutPadding(text);
        byte[] out = new byte[(int) ((long) end * bits / 8)];
        int held = 0;
        int count = 0;
        int at = 0;
        for (int i = 0; i < end; i++) {
            held = (held << bits | value(text.charAt(i))) & 0xffff;
            count += bits;
            if (count >= 8) {
                count -= 8;
                out[at++] = (byte) (held >>> count);
            }
        }
        if (count >= bits) {
            throw malformed("a digit too many");
        }
        if (strict && (held & ((1 << count) - 1)) != 0) {
            throw malformed("leftover bits are not zero");
        }
        return out;
    }

    private int withoutPadding(CharSequence text) {
        if (padTo == 0) {
            return text.length();
        }
        if (text.length() % padTo != 0) {
            throw malformed("padding is missing");
        }
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '=') {
            end--;
        }
        if (text.length() - end >= padTo) {
            throw malformed("too much padding");
        }
        return end;
    }

    private int value(char c) {
        int value = c < values.length ? values[c] : -1;
        if (value < 0) {
            throw malformed("not a digit of base " + digits.length);
        }
        return value;
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.MULTIBASE, message);
    }
}
