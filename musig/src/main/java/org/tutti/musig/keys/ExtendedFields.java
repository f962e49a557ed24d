package org.tutti.musig.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException.Code;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What public and private extended keys have in common, and BIP32's hash.
record ExtendedFields(int depth, Bytes parentFingerprint, long childNumber, Bytes chainCode) {
    static final Bytes SEED_KEY = Bytes.wrap("Bitcoin seed".getBytes(StandardCharsets.US_ASCII));
    static final Bytes NO_PARENT = Bytes.wrap(new byte[4]);
    private static final int MAX_DEPTH = 255;

    ExtendedFields {
        require(depth, parentFingerprint, childNumber, chainCode);
    }

    static void require(int depth, Bytes parentFingerprint, long childNumber, Bytes chainCode) {
        if (depth < 0 || depth > MAX_DEPTH) {
            throw new IllegalArgumentException("a depth is 0…255, not " + depth);
        }
        if (childNumber < 0 || childNumber >= 2 * DerivationPath.HARDENED) {
            throw new IllegalArgumentException("no child number: " + childNumber);
        }
        parentFingerprint.requireLength(4, "a fingerprint");
        chainCode.requireLength(32, "a chain code");
    }

    static int deeper(int depth) throws KeyException {
        if (depth == MAX_DEPTH) {
            throw new KeyException(Code.BAD_PATH, "a key at depth 255 has no children");
        }
        return depth + 1;
    }

    static ExtendedFields read(ByteBuffer in) throws KeyException {
        int depth = Byte.toUnsignedInt(in.get());
        byte[] fingerprint = new byte[4];
        in.get(fingerprint);
        long number = Integer.toUnsignedLong(in.getInt());
        byte[] chainCode = new byte[32];
        in.get(chainCode);
        Bytes parent = Bytes.wrap(fingerprint);
        if (depth == 0 && (!parent.equals(NO_PARENT) || number != 0)) {
            throw new KeyException(
                    Code.BAD_EXTENDED_KEY,
                    "a key at depth 0 must have neither a parent fingerprint nor a child number");
        }
        return new ExtendedFields(depth, parent, number, Bytes.wrap(chainCode));
    }

    void write(ByteBuffer out) {
        out.put((byte) depth)
                .put(parentFingerprint.toArray())
                .putInt((int) childNumber)
                .put(chainCode.toArray());
    }

    /// HMAC-SHA512 of 33 bytes of key and the child number.
    static byte[] hmac(Bytes chainCode, byte[] key33, long number) {
        byte[] data = ByteBuffer.allocate(37).put(key33).putInt((int) number).array();
        byte[] out = hmacSha512(chainCode, data);
        Arrays.fill(data, (byte) 0);
        return out;
    }

    static byte[] hmacSha512(Bytes key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(key.toArray(), "HmacSHA512"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA512", e);
        }
    }
}
