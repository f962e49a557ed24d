package org.tutti.musig.keys;

import org.tutti.musig.keys.KeyException.Code;

import java.math.BigInteger;
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
    private static final BigInteger RADIX = BigInteger.valueOf(58);
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

    /// Base58 without a checksum.
    public static String encodePlain(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        BigInteger number = new BigInteger(1, bytes);
        while (number.signum() > 0) {
            BigInteger[] step = number.divideAndRemainder(RADIX);
            text.append(ALPHABET.charAt(step[1].intValue()));
            number = step[0];
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
        if (!Arrays.equals(checksum(payload), given)) {
            throw new KeyException(Code.BAD_BASE58, "the checksum does not match");
        }
        return payload;
    }

    /// Base58 without a checksum. Takes time with the square of the length: bound the text first.
    ///
    /// @throws KeyException BAD_BASE58
    public static byte[] decodePlain(String text) throws KeyException {
        BigInteger number = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new KeyException(Code.BAD_BASE58, "character " + i + " is not base58");
            }
            if (digit == 0 && zeros == i) {
                zeros++;
            }
            number = number.multiply(RADIX).add(BigInteger.valueOf(digit));
        }
        byte[] magnitude = number.signum() == 0 ? new byte[0] : number.toByteArray();
        int sign = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
        byte[] out = new byte[zeros + magnitude.length - sign];
        System.arraycopy(magnitude, sign, out, zeros, magnitude.length - sign);
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
