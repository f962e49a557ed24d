package org.tutti.libp2p.multiformats;

import java.util.Arrays;

/// A number written in base `alphabet.length()`, as base 10, 36 and 58 are: the input is one
/// big-endian number, and each leading zero byte is one leading zero digit.
///
/// Costs the square of the length, so the length is bounded.
final class BaseX {
    /// The longest input either way. A peer id has 42 bytes, a multihash a little more.
    static final int MAX_LENGTH = 1024;

    private final char[] digits;
    private final byte[] values = new byte[128];
    private final int base;

    BaseX(String alphabet, boolean ignoreCase) {
        digits = alphabet.toCharArray();
        base = digits.length;
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < base; i++) {
            values[digits[i]] = (byte) i;
            if (ignoreCase) {
                values[Character.toLowerCase(digits[i])] = (byte) i;
                values[Character.toUpperCase(digits[i])] = (byte) i;
            }
        }
    }

    String encode(byte[] input) {
        requireShort(input.length);
        int zeros = 0;
        while (zeros < input.length && input[zeros] == 0) {
            zeros++;
        }
        // Base 10 needs the most digits: log10(256) = 2.41 for each byte.
        byte[] number = new byte[(input.length - zeros) * 5 / 2 + 1];
        int used = 0;
        for (int i = zeros; i < input.length; i++) {
            used = multiplyAdd(number, used, base, 256, input[i] & 0xff);
        }
        char[] text = new char[zeros + used];
        Arrays.fill(text, 0, zeros, digits[0]);
        for (int i = 0; i < used; i++) {
            text[zeros + i] = digits[number[used - 1 - i]];
        }
        return new String(text);
    }

    byte[] decode(CharSequence text) {
        requireShort(text.length());
        int zeros = 0;
        while (zeros < text.length() && text.charAt(zeros) == digits[0]) {
            zeros++;
        }
        byte[] number = new byte[text.length() - zeros];
        int used = 0;
        for (int i = zeros; i < text.length(); i++) {
            used = multiplyAdd(number, used, 256, base, value(text.charAt(i)));
        }
        byte[] out = new byte[zeros + used];
        for (int i = 0; i < used; i++) {
            out[zeros + i] = number[used - 1 - i];
        }
        return out;
    }

    /// number = number * factor + carry, little-endian in base `radix`; answers how many digits are
    /// used.
    private static int multiplyAdd(byte[] number, int used, int radix, int factor, int addend) {
        int carry = addend;
        int length = used;
        for (int i = 0; i < used; i++) {
            carry += (number[i] & 0xff) * factor;
            number[i] = (byte) (carry % radix);
            carry /= radix;
        }
        while (carry > 0) {
            number[length++] = (byte) (carry % radix);
            carry /= radix;
        }
        return length;
    }

    private int value(char c) {
        int value = c < values.length ? values[c] : -1;
        if (value < 0) {
            throw malformed("not a digit of base " + base);
        }
        return value;
    }

    private static void requireShort(int length) {
        if (length > MAX_LENGTH) {
            throw malformed("longer than " + MAX_LENGTH);
        }
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.MULTIBASE, message);
    }
}
