package org.tutti.bitcoin.address;

import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bytes.Bytes;

import java.math.BigInteger;

/// Base 58, and base 58 with four bytes of checksum: addresses before segwit.
final class Base58Check {
    private static final String ALPHABET =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(58);
    private static final int CHECKSUM_LENGTH = 4;

    /// The longest text that is looked at: decoding takes time with the square of it.
    static final int MAX_LENGTH = 200;

    private Base58Check() {}

    /// Version byte and payload, the checksum taken off.
    static Bytes decode(String text) throws AddressException {
        if (text.length() > MAX_LENGTH) {
            throw new AddressException("longer than " + MAX_LENGTH + " characters");
        }
        Bytes all = decodePlain(text);
        if (all.length() < CHECKSUM_LENGTH) {
            throw new AddressException("too short for a checksum");
        }
        Bytes payload = all.slice(0, all.length() - CHECKSUM_LENGTH);
        if (!checksum(payload).equals(all.slice(payload.length(), all.length()))) {
            throw new AddressException("the checksum does not fit");
        }
        return payload;
    }

    static String encode(Bytes payload) {
        return encodePlain(Bytes.concat(payload, checksum(payload)));
    }

    private static Bytes checksum(Bytes payload) {
        return Bytes.of(Sha256.twice(payload.toArray()), 0, CHECKSUM_LENGTH);
    }

    /// Takes time with the square of the length: bound the text first.
    static Bytes decodePlain(String text) throws AddressException {
        BigInteger number = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new AddressException("a character that base58 does not use");
            }
            number = number.multiply(BASE).add(BigInteger.valueOf(digit));
            zeros += digit == 0 && zeros == i ? 1 : 0;
        }
        byte[] magnitude = number.signum() == 0 ? new byte[0] : number.toByteArray();
        int from = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
        byte[] out = new byte[zeros + magnitude.length - from];
        System.arraycopy(magnitude, from, out, zeros, magnitude.length - from);
        return Bytes.wrap(out);
    }

    static String encodePlain(Bytes bytes) {
        StringBuilder reversed = new StringBuilder();
        BigInteger number = new BigInteger(1, bytes.toArray());
        while (number.signum() > 0) {
            BigInteger[] parts = number.divideAndRemainder(BASE);
            reversed.append(ALPHABET.charAt(parts[1].intValue()));
            number = parts[0];
        }
        for (int i = 0; i < bytes.length() && bytes.get(i) == 0; i++) {
            reversed.append(ALPHABET.charAt(0));
        }
        return reversed.reverse().toString();
    }
}
