package org.tutti.musig.keys;

import org.tutti.musig.keys.KeyException.Code;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// Base58 with four bytes of double SHA-256 at the end: the text form of extended keys and of old
/// addresses.
public final class Base58Check {
    /// The longest text that is decoded; an extended key has 111 characters.
    public static final int MAX_CHARACTERS = 200;

    private static final String ALPHABET =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final int RADIX = 58;
    private static final int CHECKSUM = 4;

    private Base58Check() {}

    /// The payload with its checksum, as text.
    public static String encode(byte[] payload) {
        byte[] all = Arrays.copyOf(payload, payload.length + CHECKSUM);
        System.arraycopy(checksum(payload), 0, all, payload.length, CHECKSUM);
        String text = encodePlain(all);
        Arrays.fill(all, (byte) 0);
        return text;
    }

    /// Base58 without a checksum. Takes time with the square of the length.
    public static String encodePlain(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        // Divided by 58 until it is zero, so that no copy of a secret stays.
        byte[] number = bytes.clone();
        int start = 0;
        while (start < number.length) {
            if (number[start] == 0) {
                start++;
                continue;
            }
            int rest = 0;
            for (int i = start; i < number.length; i++) {
                int dividend = rest << 8 | Byte.toUnsignedInt(number[i]);
                number[i] = (byte) (dividend / RADIX);
                rest = dividend % RADIX;
            }
            text.append(ALPHABET.charAt(rest));
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            text.append('1');
        }
        return text.reverse().toString();
    }

    /// The payload of a text whose checksum is right.
    ///
    /// @throws KeyException BAD_BASE58
    public static byte[] decode(String text) throws KeyException {
        if (text.length() > MAX_CHARACTERS) {
            throw new KeyException(
                    Code.BAD_BASE58, "at most " + MAX_CHARACTERS + " base58 characters");
        }
        byte[] all = decodePlain(text);
        if (all.length < CHECKSUM) {
            throw new KeyException(Code.BAD_BASE58, "too short for a checksum");
        }
        byte[] payload = Arrays.copyOf(all, all.length - CHECKSUM);
        byte[] given = Arrays.copyOfRange(all, all.length - CHECKSUM, all.length);
        Arrays.fill(all, (byte) 0);
        if (!Arrays.equals(checksum(payload), given)) {
            throw new KeyException(Code.BAD_BASE58, "the checksum does not match");
        }
        return payload;
    }

    /// Base58 without a checksum. Takes time with the square of the length: bound the text first.
    ///
    /// @throws KeyException BAD_BASE58
    public static byte[] decodePlain(String text) throws KeyException {
        // The number stands at the end; each character takes less than a byte.
        byte[] number = new byte[text.length()];
        int start = number.length;
        int zeros = 0;
        for (int at = 0; at < text.length(); at++) {
            int carry = ALPHABET.indexOf(text.charAt(at));
            if (carry < 0) {
                Arrays.fill(number, (byte) 0);
                throw new KeyException(Code.BAD_BASE58, "character " + at + " is not base58");
            }
            if (carry == 0 && zeros == at) {
                zeros++;
            }
            for (int i = number.length - 1; i >= start || carry > 0; i--) {
                carry += RADIX * Byte.toUnsignedInt(number[i]);
                number[i] = (byte) carry;
                carry >>= 8;
                start = Math.min(start, i);
            }
        }
        byte[] out = new byte[zeros + number.length - start];
        System.arraycopy(number, start, out, zeros, number.length - start);
        Arrays.fill(number, (byte) 0);
        return out;
    }

    private static byte[] checksum(byte[] payload) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return Arrays.copyOf(sha256.digest(sha256.digest(payload)), CHECKSUM);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
